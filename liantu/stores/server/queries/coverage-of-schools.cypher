// title: Every school with its rung: none, named, in force, active or sustained
// title_zh: 每所学校所处的层级：无、仅有名义、有效、有活动、持续
// parameters: network, as_of, from, rural=all
// analysis: coverage
// include: _coverage.cypher
RETURN s.id AS school, s.name AS name, s.region AS region, s.stage AS stage,
       s.urban_rural AS urban_rural, s.pupils AS pupils, covered, rung, rung_direct, as_core,
       inherited_from, supporters, since, expires
ORDER BY covered, pupils IS NULL, pupils DESC, school
