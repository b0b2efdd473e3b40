// title: Pacts between regions in force, with the alliance they stand on
// title_zh: 统计日有效的区域协作，及其依托的集团
// parameters: network, as_of
MATCH (a:Region {network: $network})-[r:PACT]->(b:Region)
WHERE NOT coalesce(r.certainty = 'ambiguous' OR r.start > $as_of OR r.end < $as_of, false)
OPTIONAL MATCH (g:Alliance {network: $network, id: r.alliance})
RETURN a.id AS source, a.name AS source_name, b.id AS target, b.name AS target_name,
       r.alliance AS alliance, g.name AS alliance_name, r.start AS start, r.end AS end
ORDER BY source, target, start, end, alliance
