// title: Rural schools that nobody covers, those with most pupils first
// title_zh: 尚未覆盖的乡村学校，学生多的在前
// parameters: network, as_of, from, rural=strict
// analysis: coverage
// include: _coverage.cypher
WITH * WHERE NOT covered
RETURN s.id AS school, s.name AS name, s.region AS region, s.stage AS stage,
       s.urban_rural AS urban_rural, s.pupils AS pupils, rung, rung_direct, inherited_from,
       supporters, since, expires
ORDER BY pupils IS NULL, pupils DESC, school
