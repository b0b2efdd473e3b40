// title: Schools that hang on one supporter alone
// title_zh: 只靠一家支援的学校
// parameters: network, as_of, from, rural=all
// analysis: coverage
// include: _ties.cypher
WITH * WHERE source IS NOT NULL AND (holds OR active)
WITH target AS s, collect(DISTINCT source) AS sources
WHERE size(sources) = 1 AND ($rural = 'all' OR s.urban_rural IN CASE $rural
  WHEN 'broad' THEN ['121', '122', '123', '210', '220'] ELSE ['210', '220'] END)
WITH s, sources[0] AS source
RETURN s.id AS school, s.name AS name, s.region AS region, s.stage AS stage,
       s.urban_rural AS urban_rural, s.pupils AS pupils, source.id AS supporter,
       CASE WHEN source:School THEN 'school' WHEN source:Center THEN 'center'
            WHEN source:Partner THEN 'partner' ELSE 'alliance' END AS kind,
       source.name AS supporter_name
ORDER BY pupils IS NULL, pupils DESC, school
