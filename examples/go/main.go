package main

import (
	"example.com/pulumi-motherduck-tokens/sdk/go/motherducktokens"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		// Whose tokens matter to this stack:
		//   pulumi config set --path 'usernames[0]' svc_etl
		var usernames []string
		config.RequireObject(ctx, "usernames", &usernames)
		for _, username := range usernames {
			_, err := motherducktokens.NewUserTokens(ctx, username, &motherducktokens.UserTokensArgs{
				Username: pulumi.String(username),
			})
			if err != nil {
				return err
			}
		}

		// One resource for many users; without arguments for everybody.
		_, err := motherducktokens.NewOrganizationTokens(ctx, "admins", &motherducktokens.OrganizationTokensArgs{
			Usernames: pulumi.ToStringArray([]string{"ada", "grace"}),
		})
		if err != nil {
			return err
		}

		// What a function reads can be used, but policies do not see it. In Go, `getUserTokens` is called "lookup".
		ada, err := motherducktokens.LookupUserTokens(ctx, &motherducktokens.LookupUserTokensArgs{Username: "ada"})
		if err != nil {
			return err
		}
		ctx.Export("adaHolds", pulumi.Int(len(ada.Tokens)))
		return nil
	})
}
