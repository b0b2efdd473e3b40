// title: Schools whose support is in force on paper without any activity in the window
// title_zh: 支援关系有效、但窗口期内没有任何活动的学校
// parameters: network, as_of, from, rural=all
// analysis: coverage
// include: _coverage.cypher
WITH * WHERE rung = 'in_force'
RETURN s.id AS school, s.name AS name, s.region AS region, s.stage AS stage,
       s.urban_rural AS urban_rural, s.pupils AS pupils, rung, rung_direct, inherited_from,
       supporters, since, expires
ORDER BY pupils IS NULL, pupils DESC, school
