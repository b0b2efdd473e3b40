// title: What is in the network: nodes by kind, rows by relation
// title_zh: 网络里有什么：各类别的数量和各关系的条数
// parameters: network
// analysis: info
CALL {
  MATCH (n:School|Teacher|Center|Partner|Alliance|Region {network: $network})
  RETURN CASE WHEN n:School THEN 'school' WHEN n:Teacher THEN 'teacher' WHEN n:Center THEN 'center'
           WHEN n:Partner THEN 'partner' WHEN n:Alliance THEN 'alliance' ELSE 'region' END AS table,
         count(n) AS count
UNION ALL
  MATCH (:School|Teacher|Center|Partner|Alliance|Region {network: $network})
    -[r:MEMBER_OF|PART_OF|ASSISTS|AFFILIATED_TO|WORKS_AT|POSTED_TO|MENTORS|JOINS|DELIVERS|SUPPORTS
      |PACT|TRAVEL]->(:School|Teacher|Center|Partner|Alliance|Region)
  RETURN toLower(type(r)) AS table, count(r) AS count
UNION ALL
  MATCH ()-[:OBSERVED]->(n:Observation {network: $network})
  WITH count(n) AS count WHERE count > 0
  RETURN 'observations' AS table, count
}
RETURN table, count ORDER BY table
