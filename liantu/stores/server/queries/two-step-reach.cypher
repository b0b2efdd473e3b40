// title: How many schools each supporter reaches in one step and within two
// title_zh: 每个支援方直接支援、两级以内辐射多少所学校
// parameters: network, as_of, from, rural=strict
// analysis: reach
// include: _ties.cypher
WITH * WHERE source IS NOT NULL AND (holds OR active)
WITH DISTINCT source, target
// each tie twice: seen from the school in its middle, as the way in and as the way out
UNWIND [[target, source, null], [source, null, target]] AS seen
WITH seen[0] AS middle, collect(seen[1]) AS sources, collect(seen[2]) AS targets
UNWIND sources AS supporter
UNWIND [middle] + targets AS school
WITH supporter, school, max(CASE WHEN school = middle THEN 1 ELSE 0 END) AS direct,
     max(CASE WHEN school = middle AND size(sources) = 1 THEN 1 ELSE 0 END) AS sole
WHERE supporter <> school
WITH supporter, sum(direct) AS direct, count(*) AS within_hops, sum(sole) AS sole,
     sum(school.pupils) AS pupils, count(school.pupils) AS known,
     sum(CASE WHEN $rural = 'all' OR school.urban_rural IN CASE $rural
       WHEN 'broad' THEN ['121', '122', '123', '210', '220'] ELSE ['210', '220'] END
       THEN 1 ELSE 0 END) AS rural_within_hops
WITH collect({node: supporter, direct: direct, within: within_hops, sole: sole,
  pupils: CASE WHEN known > 0 THEN pupils END, rural: rural_within_hops}) AS rows
CALL {
  // where no open school has an urban–rural class, nobody knows
  MATCH (s:School {network: $network})
  WHERE NOT coalesce(s.opened > $as_of OR s.closed <= $as_of, false)
  RETURN count(s.urban_rural) > 0 AS classed
}
UNWIND rows AS row
WITH row.node AS supporter, row, classed
RETURN supporter.id AS supporter,
       CASE WHEN supporter:School THEN 'school' WHEN supporter:Center THEN 'center'
            WHEN supporter:Partner THEN 'partner' ELSE 'alliance' END AS kind,
       supporter.name AS name, row.direct AS direct, row.within AS within_hops,
       CASE WHEN classed THEN row.rural END AS rural_within_hops,
       row.pupils AS pupils_within_hops, row.sole AS sole
ORDER BY within_hops DESC, supporter, kind
