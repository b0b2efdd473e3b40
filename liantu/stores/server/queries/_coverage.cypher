// include: _ties.cypher
// The rung of each school from its own ties: 0 none, 1 named, 2 in force, 3 active, 4 sustained.
WITH target, source, holds OR active AS in_force, start, end,
     CASE WHEN source IS NULL THEN CASE WHEN holds THEN 2 ELSE 0 END
          WHEN active THEN 3 WHEN holds AND lifts THEN 2 ELSE 1 END AS rung,
     CASE WHEN active THEN
       [CASE WHEN start > $from THEN start ELSE $from + duration('P1D') END,
        CASE WHEN end < $as_of THEN end ELSE $as_of END] END AS acting
UNWIND CASE WHEN acting IS NULL THEN [null] ELSE
  range(acting[0].year * 12 + acting[0].month, acting[1].year * 12 + acting[1].month) END AS month
WITH target, max(rung) AS rung, count(DISTINCT month) AS months,
     count(DISTINCT CASE WHEN in_force THEN source END) AS supporters,
     min(CASE WHEN in_force AND source IS NOT NULL AND start.year > -9999 THEN start END) AS since,
     max(CASE WHEN in_force AND source IS NOT NULL THEN end END) AS expires
WITH collect({school: target, rung: CASE WHEN months >= 4 THEN 4 ELSE rung END,
  supporters: supporters, since: since,
  expires: CASE WHEN expires.year < 99999 THEN expires END}) AS found
MATCH (every:School {network: $network})
WITH found, collect({school: every, rung: 0, supporters: 0}) AS rest
UNWIND found + rest AS row
WITH row.school AS parent, max(row.rung) AS rung, max(row.supporters) AS supporters,
     min(row.since) AS since, max(row.expires) AS expires
WITH *, EXISTS {
  MATCH (parent)-[c:MEMBER_OF {role: 'core'}]->(g:Alliance)<-[m:MEMBER_OF]-(other:School)
  WHERE other <> parent
    AND NOT coalesce(g.start > $as_of OR g.end < $as_of, false)
    AND NOT coalesce(c.certainty = 'ambiguous' OR c.start > $as_of OR c.end < $as_of, false)
    AND NOT coalesce(m.certainty = 'ambiguous' OR m.start > $as_of OR m.end < $as_of, false)
    AND NOT coalesce(other.opened > $as_of OR other.closed <= $as_of, false)
} AS works
// What a school inherits from its parents, theirs included; a successor inherits nothing.
MATCH (parent)<-[below:AFFILIATED_TO*0..]-(s:School)
WHERE NOT coalesce(s.opened > $as_of OR s.closed <= $as_of, false)
  AND all(a IN below WHERE
    NOT coalesce(a.certainty = 'ambiguous' OR a.form = 'successor', false)
    AND NOT coalesce(a.start > $as_of OR a.end < $as_of, false)
    AND NOT coalesce(endNode(a).opened > $as_of OR endNode(a).closed <= $as_of, false))
WITH s,
     max(CASE WHEN parent = s THEN rung END) AS direct,
     max(CASE WHEN parent = s THEN supporters END) AS supporters,
     max(CASE WHEN parent = s AND works THEN 1 ELSE 0 END) = 1 AS as_core,
     min(CASE WHEN parent = s THEN since END) AS since,
     max(CASE WHEN parent = s THEN expires END) AS expires,
     max(CASE WHEN parent = s THEN -1 ELSE rung END) AS offered,
     collect(DISTINCT CASE WHEN parent <> s THEN
       {id: parent.id, rung: rung, works: works} END) AS parents
WITH *, CASE WHEN offered > direct THEN offered ELSE direct END AS best,
     any(p IN parents WHERE p.works) AS below_core
WITH s, as_core, supporters, since, expires, best >= 2 OR below_core OR as_core AS covered,
     ['none', 'named', 'in_force', 'active', 'sustained'][best] AS rung,
     ['none', 'named', 'in_force', 'active', 'sustained'][direct] AS rung_direct,
     CASE WHEN best < 2 AND below_core THEN [p IN parents WHERE p.works | p.id]
          WHEN offered > direct THEN [p IN parents WHERE p.rung = offered | p.id]
          ELSE [] END AS heirs
WITH *, reduce(first = head(heirs), id IN heirs | CASE WHEN id < first THEN id ELSE first END)
     AS inherited_from
WHERE $rural = 'all' OR s.urban_rural IN CASE $rural
  WHEN 'broad' THEN ['121', '122', '123', '210', '220'] ELSE ['210', '220'] END
