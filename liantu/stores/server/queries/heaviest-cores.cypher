// title: Who supports most schools, and how many of them have no other supporter
// title_zh: 谁支援的学校最多，其中多少只靠它一家
// parameters: network, as_of, from
// analysis: reach
// include: _ties.cypher
WITH * WHERE source IS NOT NULL AND (holds OR active)
WITH target, collect(DISTINCT source) AS sources
UNWIND sources AS supporter
RETURN supporter.id AS supporter,
       CASE WHEN supporter:School THEN 'school' WHEN supporter:Center THEN 'center'
            WHEN supporter:Partner THEN 'partner' ELSE 'alliance' END AS kind,
       supporter.name AS name, count(target) AS direct,
       sum(CASE WHEN size(sources) = 1 THEN 1 ELSE 0 END) AS sole
ORDER BY direct DESC, supporter, kind
