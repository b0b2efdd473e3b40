// title: Agreements and postings that end after the date and by the end of the time ahead
// title_zh: 统计日之后、期限之内到期的协议和交流
// parameters: network, as_of, until
// analysis: expiry
MATCH (a {network: $network})-[r:MEMBER_OF|PART_OF|ASSISTS|POSTED_TO|MENTORS|JOINS|SUPPORTS|PACT]->(b)
WHERE NOT coalesce(r.certainty = 'ambiguous' OR r.start > $as_of, false)
WITH a, b, r, CASE WHEN type(r) = 'MEMBER_OF' AND (r.end IS NULL OR b.end < r.end)
  THEN b.end ELSE r.end END AS end
WHERE $as_of < end AND end <= $until
  AND NOT coalesce(a:School AND (a.opened > $as_of OR a.closed <= $as_of), false)
  AND NOT coalesce(b:School AND (b.opened > $as_of OR b.closed <= $as_of), false)
WITH r, end, [n IN [a, b] | {id: n.id, name: CASE WHEN NOT n:Teacher THEN n.name END,
  kind: CASE WHEN n:School THEN 'school' WHEN n:Teacher THEN 'teacher' WHEN n:Center THEN 'center'
    WHEN n:Partner THEN 'partner' WHEN n:Alliance THEN 'alliance' ELSE 'region' END}] AS ends
RETURN end, toLower(type(r)) AS basis, r.form AS form, ends[0].id AS source,
       ends[0].kind AS source_kind, ends[0].name AS source_name, ends[1].id AS target,
       ends[1].kind AS target_kind, ends[1].name AS target_name, r.agreement AS agreement,
       r.start AS start
ORDER BY end, basis, source, target, form, start, source_kind, target_kind, agreement
