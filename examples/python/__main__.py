import pulumi
import pulumi_motherduck_tokens as motherduck

# Whose tokens matter to this stack:
#   pulumi config set --path 'usernames[0]' svc_etl
usernames = pulumi.Config().require_object("usernames")

for username in usernames:
    motherduck.UserTokens(username, username=username)

# One resource for many users; without arguments for everybody.
admins = motherduck.OrganizationTokens("admins", usernames=["ada", "grace"])


def endless(users):
    """The users with a token that never expires."""
    return [
        user.username
        for user in users
        if any(token.expire_at is None for token in user.tokens)
    ]


# Known in preview, too.
pulumi.export("endless_admins", admins.users.apply(endless))

# What a function reads can be used, but policies do not see it.
ada = motherduck.get_user_tokens_output(username="ada")
pulumi.export("ada_holds", ada.tokens.apply(len))
