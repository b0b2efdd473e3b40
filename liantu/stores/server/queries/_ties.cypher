// Every recorded tie (source helps target), one branch for each rule of the concepts page. A span
// without a beginning begins with the year -9999, one without an end ends with the year 99999.
CALL {
  // member_of: core → every other member; without a core both ways; supports of the whole alliance
  WITH date('-9999-01-01') AS low, date('+99999-12-31') AS high
  MATCH (s:School)-[r:MEMBER_OF]->(g:Alliance {network: $network})
  WHERE r.certainty IS NULL OR r.certainty <> 'ambiguous'
  WITH g, low, high, s, r, coalesce(r.role = 'core', false) AS core,
       reduce(x = coalesce(r.start, low), d IN [coalesce(g.start, low)] |
         CASE WHEN d > x THEN d ELSE x END) AS start,
       reduce(x = coalesce(r.end, high), d IN [coalesce(g.end, high)] |
         CASE WHEN d < x THEN d ELSE x END) AS end
  WHERE start <= end
  WITH g, low, high,
       collect({node: s, core: core, form: r.form, start: start, end: end}) AS rows
  WITH g, low, high, rows, [c IN rows WHERE c.core] AS cores
  UNWIND rows AS row
  // core beats member: a member's span is cut where the same school is core
  WITH g, low, high, cores, row,
       [c IN cores WHERE NOT row.core AND c.node = row.node] AS beaten_by
  UNWIND CASE WHEN size(beaten_by) = 0 THEN [[row.start, row.end]] ELSE
    [x IN [row.start] + [c IN beaten_by | c.end + duration('P1D')]
      WHERE row.start <= x AND x <= row.end
        AND none(c IN beaten_by WHERE c.start <= x AND x <= c.end) |
      [x, reduce(y = row.end, c IN beaten_by |
        CASE WHEN x < c.start AND c.start <= y THEN c.start - duration('P1D') ELSE y END)]]
    END AS span
  WITH g, low, high, cores,
       collect({node: row.node, core: row.core, form: row.form, basis: 'member_of', lifts: true,
                start: span[0], end: span[1]}) AS members,
       count(DISTINCT row.node) AS size
  WITH g, low, high, members,
       NOT coalesce(g.led, false)
         AND NOT EXISTS { (g)<-[:MEMBER_OF {role: 'core'}]-(:School) } AS coreless, size
  WITH g, members, coreless, size,
       CASE WHEN NOT coreless THEN [m IN members WHERE m.core]
            WHEN size <= 1000 THEN members
            ELSE [{node: null, core: false, basis: 'member_of', lifts: true,
                   start: low, end: high}] END
       + [(g)<-[r:SUPPORTS]-(p:Partner) WHERE r.certainty IS NULL OR r.certainty <> 'ambiguous' |
          {node: p, form: r.form, basis: 'supports',
           lifts: NOT coalesce(r.form IN ['funding', 'donation', 'sister'], false),
           start: coalesce(r.start, low), end: coalesce(r.end, high)}] AS givers
  UNWIND givers AS giver
  UNWIND members AS taker
  WITH g, giver, taker,
       CASE giver.basis WHEN 'supports' THEN giver.form
            ELSE coalesce(taker.form, giver.form, g.form) END AS form,
       CASE WHEN taker.start > giver.start THEN taker.start ELSE giver.start END AS start,
       CASE WHEN taker.end < giver.end THEN taker.end ELSE giver.end END AS end
  WHERE (giver.node IS NULL OR giver.node <> taker.node) AND start <= end
  UNWIND CASE WHEN giver.basis = 'member_of' AND form = 'partnership' AND giver.core <> taker.core
    THEN [[giver.node, taker.node], [taker.node, giver.node]]
    ELSE [[giver.node, taker.node]] END AS ends
  RETURN ends[0] AS source, ends[1] AS target, giver.basis AS basis, form, g.id AS alliance,
         start, end, true AS dated, giver.lifts AS lifts
UNION ALL
  // assists: source → target, a partnership both ways
  MATCH (a:School {network: $network})-[r:ASSISTS]->(b:School)
  WHERE r.certainty IS NULL OR r.certainty <> 'ambiguous'
  UNWIND CASE WHEN r.form = 'partnership' THEN [[a, b], [b, a]] ELSE [[a, b]] END AS ends
  RETURN ends[0] AS source, ends[1] AS target, 'assists' AS basis, r.form AS form,
         null AS alliance, coalesce(r.start, date('-9999-01-01')) AS start,
         coalesce(r.end, date('+99999-12-31')) AS end, true AS dated, true AS lifts
UNION ALL
  // posted_to: home → host; for shadowing and training the host helps the home
  MATCH (host:School {network: $network})<-[r:POSTED_TO]-(who)
  WHERE r.certainty IS NULL OR r.certainty <> 'ambiguous'
  OPTIONAL MATCH (told:School {network: $network, id: r.home})
  WITH host, r, who, told,
       coalesce(r.start, CASE WHEN r.end < $as_of THEN r.end ELSE $as_of END) AS began
  UNWIND CASE WHEN told IS NOT NULL THEN [told] WHEN who:School THEN [who] ELSE
    [(who)-[w:WORKS_AT]->(school:School)
      WHERE (w.certainty IS NULL OR w.certainty <> 'ambiguous')
        AND (w.start IS NULL OR w.start <= began) AND (w.end IS NULL OR began <= w.end) |
      school] END AS home
  WITH host, r, home WHERE home <> host
  WITH r, CASE WHEN r.form IN ['shadowing', 'training'] THEN [host, home]
               ELSE [home, host] END AS ends
  RETURN ends[0] AS source, ends[1] AS target, 'posted_to' AS basis, r.form AS form,
         null AS alliance, coalesce(r.start, date('-9999-01-01')) AS start,
         coalesce(r.end, date('+99999-12-31')) AS end,
         r.start IS NOT NULL OR r.end IS NOT NULL AS dated, true AS lifts
UNION ALL
  // mentors: the mentor's school → the mentee's school
  WITH date('-9999-01-01') AS low, date('+99999-12-31') AS high
  MATCH (mentor:Teacher|School {network: $network})-[r:MENTORS]->(mentee)
  WHERE r.certainty IS NULL OR r.certainty <> 'ambiguous'
  OPTIONAL MATCH (a:School {network: $network, id: r.mentor_school})
  OPTIONAL MATCH (b:School {network: $network, id: r.mentee_school})
  WITH low, high, r,
       CASE WHEN a IS NOT NULL THEN [{school: a, start: low, end: high}]
            WHEN mentor:School THEN [{school: mentor, start: low, end: high}] ELSE
         [(mentor)-[w:WORKS_AT]->(s:School)
           WHERE w.certainty IS NULL OR w.certainty <> 'ambiguous' |
           {school: s, start: coalesce(w.start, low), end: coalesce(w.end, high)}] END AS givers,
       CASE WHEN b IS NOT NULL THEN [{school: b, start: low, end: high}]
            WHEN mentee:School THEN [{school: mentee, start: low, end: high}] ELSE
         [(mentee)-[w:WORKS_AT]->(s:School)
           WHERE w.certainty IS NULL OR w.certainty <> 'ambiguous' |
           {school: s, start: coalesce(w.start, low), end: coalesce(w.end, high)}] END AS takers
  UNWIND givers AS giver
  UNWIND takers AS taker
  WITH r, giver.school AS source, taker.school AS target,
       reduce(x = coalesce(r.start, low), d IN [giver.start, taker.start] |
         CASE WHEN d > x THEN d ELSE x END) AS start,
       reduce(x = coalesce(r.end, high), d IN [giver.end, taker.end] |
         CASE WHEN d < x THEN d ELSE x END) AS end
  WHERE source <> target AND start <= end
  RETURN source, target, 'mentors' AS basis, null AS form, null AS alliance, start, end,
         r.start IS NOT NULL OR r.end IS NOT NULL AS dated, true AS lifts
UNION ALL
  // joins: the centre's host, else the centre → the schools of its members
  WITH date('-9999-01-01') AS low, date('+99999-12-31') AS high
  MATCH (who)-[r:JOINS]->(c:Center {network: $network})
  WHERE r.certainty IS NULL OR r.certainty <> 'ambiguous'
  UNWIND CASE WHEN who:School THEN [{school: who, start: low, end: high}] ELSE
    [(who)-[w:WORKS_AT]->(s:School) WHERE w.certainty IS NULL OR w.certainty <> 'ambiguous' |
      {school: s, start: coalesce(w.start, low), end: coalesce(w.end, high)}] END AS place
  WITH c, low, high, coalesce(r.role IN ['host', 'base'], false) AS hosting,
       place.school AS school,
       reduce(x = coalesce(r.start, low), d IN [place.start] |
         CASE WHEN d > x THEN d ELSE x END) AS start,
       reduce(x = coalesce(r.end, high), d IN [place.end] |
         CASE WHEN d < x THEN d ELSE x END) AS end
  WHERE start <= end
  WITH c, low, high,
       collect(CASE WHEN hosting THEN {node: school, start: start, end: end} END) AS hosts,
       collect(CASE WHEN NOT hosting THEN {node: school, start: start, end: end} END) AS members
  UNWIND CASE WHEN size(hosts) > 0 THEN hosts
    ELSE [{node: c, start: low, end: high}] END AS giver
  UNWIND members AS taker
  WITH giver.node AS source, taker.node AS target,
       CASE WHEN taker.start > giver.start THEN taker.start ELSE giver.start END AS start,
       CASE WHEN taker.end < giver.end THEN taker.end ELSE giver.end END AS end
  WHERE source <> target AND start <= end
  RETURN source, target, 'joins' AS basis, null AS form, null AS alliance, start, end,
         true AS dated, true AS lifts
UNION ALL
  // delivers: the deliverer's school → the school, on one day
  MATCH (target:School {network: $network})<-[r:DELIVERS]-(who)
  WHERE r.certainty IS NULL OR r.certainty <> 'ambiguous'
  WITH target, r, who, coalesce(r.date, $as_of) AS day
  WITH target, r, who, CASE
    WHEN who:Teacher THEN
      [(who)-[w:WORKS_AT]->(s:School)
        WHERE (w.certainty IS NULL OR w.certainty <> 'ambiguous')
          AND (w.start IS NULL OR w.start <= day) AND (w.end IS NULL OR day <= w.end) | s]
    WHEN who:Center THEN
      [(who)<-[j:JOINS]-(s:School)
        WHERE j.role IN ['host', 'base'] AND (j.certainty IS NULL OR j.certainty <> 'ambiguous')
          AND (j.start IS NULL OR j.start <= day) AND (j.end IS NULL OR day <= j.end) | s]
      + [(who)<-[j:JOINS]-(:Teacher)-[w:WORKS_AT]->(s:School)
        WHERE j.role IN ['host', 'base'] AND (j.certainty IS NULL OR j.certainty <> 'ambiguous')
          AND (j.start IS NULL OR j.start <= day) AND (j.end IS NULL OR day <= j.end)
          AND (w.certainty IS NULL OR w.certainty <> 'ambiguous')
          AND (w.start IS NULL OR w.start <= day) AND (w.end IS NULL OR day <= w.end) | s]
    ELSE [who] END AS found
  UNWIND CASE WHEN who:Center AND size(found) = 0 THEN [who] ELSE found END AS source
  WITH target, r, source WHERE source <> target
  RETURN source, target, 'delivers' AS basis, r.form AS form, null AS alliance,
         coalesce(r.date, date('-9999-01-01')) AS start,
         coalesce(r.date, date('+99999-12-31')) AS end, r.date IS NOT NULL AS dated, false AS lifts
UNION ALL
  // supports: partner → school
  MATCH (source:Partner {network: $network})-[r:SUPPORTS]->(target:School)
  WHERE r.certainty IS NULL OR r.certainty <> 'ambiguous'
  RETURN source, target, 'supports' AS basis, r.form AS form, null AS alliance,
         coalesce(r.start, date('-9999-01-01')) AS start,
         coalesce(r.end, date('+99999-12-31')) AS end, true AS dated,
         NOT coalesce(r.form IN ['funding', 'donation', 'sister'], false) AS lifts
}
// What holds on the day, between open schools: states in force, activities in the window.
WITH source, target, basis, form, alliance, start, end, dated, lifts,
     NOT coalesce(source.opened > $as_of OR source.closed <= $as_of, false)
     AND NOT coalesce(target.opened > $as_of OR target.closed <= $as_of, false) AS alive
WITH source, target, basis, form, alliance, start, end, lifts,
     alive AND basis <> 'delivers' AND start <= $as_of AND $as_of <= end AS holds,
     alive AND dated AND basis IN ['delivers', 'posted_to', 'mentors']
       AND start <= $as_of AND end > $from AS active
