// title: Who supports whom, on what basis: states in force and activities in the window
// title_zh: 谁支援谁、依据什么：有效的状态和窗口期内的活动
// parameters: network, as_of, from
// analysis: ties
// include: _ties.cypher
WITH * WHERE source IS NOT NULL AND (holds OR active)
WITH DISTINCT source, target, basis, form, alliance, start, end
RETURN source.id AS source,
       CASE WHEN source:School THEN 'school' WHEN source:Center THEN 'center'
            WHEN source:Partner THEN 'partner' ELSE 'alliance' END AS source_kind,
       source.name AS source_name, target.id AS target, target.name AS target_name, basis, form,
       CASE WHEN start.year > -9999 THEN start END AS start,
       CASE WHEN end.year < 99999 THEN end END AS end, alliance
ORDER BY source, source_kind, target, basis, form, start, end, alliance
