"""What both protocols need to read JSON; `responses` and `realtime` never import each other.

`values` has the stand-ins for what is wrong or unknown, `members` reads records member by member,
`messages` one whole message, `nesting` tells how deep one goes.
"""
