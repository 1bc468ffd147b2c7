"""Who may do what: people, their memberships in practices, roles, permissions, sign-in and sessions.

Doors: `types` (Role, Permission, MemberRef), `selectors` (list_members, actor_of), `services` (register_user).
"""
