// title: Alliances in force with members but without a core school, the largest first
// title_zh: 有成员校而没有核心校的集团，成员多的在前
// parameters: network, as_of
MATCH (g:Alliance {network: $network})<-[r:MEMBER_OF]-(s:School)
WHERE NOT coalesce(g.start > $as_of OR g.end < $as_of, false)
  AND NOT coalesce(r.certainty = 'ambiguous' OR r.start > $as_of OR r.end < $as_of, false)
  AND NOT coalesce(s.opened > $as_of OR s.closed <= $as_of, false)
WITH g, collect(r.role) AS roles, count(DISTINCT s) AS members
WHERE NOT 'core' IN roles
RETURN g.id AS alliance, g.name AS name, g.region AS region, g.form AS form, members,
       coalesce(g.led, false)
         OR EXISTS { (g)<-[:MEMBER_OF {role: 'core'}]-(:School) } AS had_core
ORDER BY members DESC, alliance
