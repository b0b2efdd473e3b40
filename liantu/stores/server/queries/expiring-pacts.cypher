// title: Agreements and postings that end after the date and by the end of the time ahead
// title_zh: 统计日之后、期限之内到期的协议和交流
// parameters: network, as_of, until
// analysis: expiry
MATCH (a {network: $network})-[r:MEMBER_OF|PART_OF|ASSISTS|POSTED_TO|MENTORS|JOINS|SUPPORTS|PACT]->(b)
WHERE NOT coalesce(r.certainty = 'ambiguous', false)
WITH a, b, r, date('-9999-01-01') AS low, date('+99999-12-31') AS high,
     CASE WHEN type(r) = 'MEMBER_OF' THEN b END AS g
WITH a, b, r,
     reduce(x = coalesce(r.start, low), d IN [coalesce(g.start, low)] |
       CASE WHEN d > x THEN d ELSE x END) AS start,
     reduce(x = coalesce(r.end, high), d IN [coalesce(g.end, high)] |
       CASE WHEN d < x THEN d ELSE x END) AS end,
     CASE WHEN g IS NULL THEN [r.form, r.role] END AS same
WHERE start <= end
WITH a, b, type(r) AS type, same,
     collect({row: r, start: start, end: end, core: coalesce(r.role = 'core', false)}) AS spans
UNWIND spans AS span
// what this row goes on from without a day between, as far back as it goes
WITH a, b, type, spans, span, reduce(x = span.start, i IN range(1, size(spans)) |
  reduce(y = x, o IN spans |
    CASE WHEN o.start < y AND y <= o.end + duration('P1D') THEN o.start ELSE y END)) AS since
WHERE since <= $as_of AND $as_of < span.end AND span.end <= $until
  AND none(o IN spans WHERE o.start <= span.end + duration('P1D') AND span.end < o.end)
  // core beats member
  AND NOT (type = 'MEMBER_OF' AND NOT span.core
    AND any(o IN spans WHERE o.core AND o.start <= span.end AND span.end <= o.end))
  AND NOT coalesce(a:School AND (a.opened > $as_of OR a.closed <= $as_of), false)
  AND NOT coalesce(b:School AND (b.opened > $as_of OR b.closed <= $as_of), false)
WITH a, b, span.row AS r, span.end AS end
WITH r, end, [n IN [a, b] | {id: n.id, name: CASE WHEN NOT n:Teacher THEN n.name END,
  kind: CASE WHEN n:School THEN 'school' WHEN n:Teacher THEN 'teacher' WHEN n:Center THEN 'center'
    WHEN n:Partner THEN 'partner' WHEN n:Alliance THEN 'alliance' ELSE 'region' END}] AS ends
RETURN end, toLower(type(r)) AS basis, r.form AS form, ends[0].id AS source,
       ends[0].kind AS source_kind, ends[0].name AS source_name, ends[1].id AS target,
       ends[1].kind AS target_kind, ends[1].name AS target_name, r.agreement AS agreement,
       r.start AS start
ORDER BY end, basis, source, target, form, start, source_kind, target_kind, agreement
