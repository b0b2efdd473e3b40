// title: How many people move from which school to which, by form of posting, without names
// title_zh: 各校之间按形式统计的交流人数（不含姓名）
// parameters: network, as_of, from
// analysis: flows
MATCH (host:School {network: $network})<-[r:POSTED_TO]-(who)
WHERE NOT coalesce(r.certainty = 'ambiguous' OR r.start > $as_of OR r.end <= $from, false)
OPTIONAL MATCH (told:School {network: $network, id: r.home})
WITH host, r, who, told,
     coalesce(r.start, CASE WHEN r.end < $as_of THEN r.end ELSE $as_of END) AS began
UNWIND CASE WHEN told IS NOT NULL THEN [told] WHEN who:School THEN [who] ELSE
  [(who)-[w:WORKS_AT]->(school:School)
    WHERE NOT coalesce(w.certainty = 'ambiguous' OR w.start > began OR w.end < began, false) |
    school] END AS home
WITH DISTINCT host, r, who, home
WHERE home <> host
  AND NOT coalesce(home.opened > $as_of OR home.closed <= $as_of, false)
  AND NOT coalesce(host.opened > $as_of OR host.closed <= $as_of, false)
RETURN home.id AS source, home.name AS source_name, host.id AS target, host.name AS target_name,
       r.form AS form,
       count(DISTINCT CASE WHEN who:Teacher THEN who END)
       + sum(CASE WHEN who:School THEN coalesce(r.count, 1) ELSE 0 END) AS people
ORDER BY source, target, form
