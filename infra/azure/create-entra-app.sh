#!/usr/bin/env bash
# Registers Holdfast in Entra ID, with the app roles that its callers need in entra mode. Running it again brings
# the roles of an earlier registration up to date.
#
#   create-entra-app.sh [--name <display name>] [--graph <url>]
#
# Prints the client id: the value of entraAudience in main.bicepparam.
# Then give each caller its role, for instance a playbook's identity:
#   grant-app-roles.sh --principal <object id> --api <client id> Collections.Submit
# Needs the Azure CLI, signed in as Application Administrator or Cloud Application Administrator.
set -euo pipefail

stop() { echo "$1" >&2; exit 2; }

name='Holdfast' graph=''
while (($#)); do
  case "$1" in
    --name) name="${2:?--name needs a display name}"; shift 2 ;;
    --graph) graph="${2:?--graph needs an address}"; shift 2 ;;
    *) stop "Unknown option $1" ;;
  esac
done
[[ "$name" != *\'* && "$name" != *\"* ]] || stop 'The display name must not contain quotes'
command -v az >/dev/null || stop 'The Azure CLI (az) is missing: https://learn.microsoft.com/cli/azure/install-azure-cli'

[[ -n "$graph" ]] || graph="$(az cloud show --query endpoints.microsoftGraphResourceId --output tsv)"
resource="${graph%/}/"
graph="${resource}v1.0"
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
call_graph() { az rest --resource "$resource" --headers 'Content-Type=application/json' "$@"; }

found="$(az ad app list --filter "displayName eq '$name'" --query '[].appId' --output tsv | tr -d '\r')"
[[ "$(wc -w <<<"$found")" -le 1 ]] || stop "Several registrations are called '$name': choose another name with --name"
client_id="$found"
if [[ -z "$client_id" ]]; then
  client_id="$(call_graph --method post --url "$graph/applications" --query appId --output tsv \
    --body "{\"displayName\":\"$name\",\"signInAudience\":\"AzureADMyOrg\"}" | tr -d '\r')"
  echo "registered $name" >&2
fi

# Version 2 tokens: their audience is the client id and their issuer the tenant, which is what Holdfast checks.
call_graph --method patch --url "$graph/applications(appId='$client_id')" --output none \
  --body "{\"identifierUris\":[\"api://$client_id\"],\"api\":{\"requestedAccessTokenVersion\":2},\"appRoles\":$(cat "$here/app-roles.json")}"

az ad sp show --id "$client_id" --output none 2>/dev/null || az ad sp create --id "$client_id" --output none
# Without an assigned role no token is given at all, not even one that Holdfast would refuse.
call_graph --method patch --url "$graph/servicePrincipals(appId='$client_id')" --output none \
  --body '{"appRoleAssignmentRequired":true}'

echo "$client_id"
