#!/usr/bin/env bash
# Grants app roles of an API to a managed identity, through Microsoft Graph. Running it again changes nothing.
#
#   grant-app-roles.sh --principal <object id> --api <client id> [--graph <url>] [--remove-excess] <role>...
#
# Prints one line per role: "present", "granted", "excess" (there, but not asked for) or "removed".
# Needs the Azure CLI, signed in as someone who may assign app roles (Privileged Role Administrator, or
# Cloud Application Administrator for APIs other than Graph).
# Graph's address follows the cloud that the CLI is set to; --graph overrides it (https://dod-graph.microsoft.us).
set -euo pipefail

stop() { echo "$1" >&2; exit 2; }

principal='' api='' graph='' remove_excess='no'
roles=()
while (($#)); do
  case "$1" in
    --principal) principal="${2:?--principal needs an object id}"; shift 2 ;;
    --api) api="${2:?--api needs a client id}"; shift 2 ;;
    --graph) graph="${2:?--graph needs an address}"; shift 2 ;;
    --remove-excess) remove_excess='yes'; shift ;;
    -*) stop "Unknown option $1" ;;
    *) roles+=("$1"); shift ;;
  esac
done
[[ -n "$principal" ]] || stop 'Name the identity: --principal <object id>'
[[ -n "$api" ]] || stop 'Name the API: --api <client id>'
((${#roles[@]})) || stop 'Name at least one role'
command -v az >/dev/null || stop 'The Azure CLI (az) is missing: https://learn.microsoft.com/cli/azure/install-azure-cli'

[[ -n "$graph" ]] || graph="$(az cloud show --query endpoints.microsoftGraphResourceId --output tsv)"
resource="${graph%/}/"
graph="${resource}v1.0"

call_graph() { az rest --resource "$resource" --headers 'Content-Type=application/json' "$@"; }
# Git Bash on Windows ends the lines of az with CR LF.
read_graph() { call_graph --method get --url "$1" --query "$2" --output tsv | tr -d '\r'; }

service="$(read_graph "$graph/servicePrincipals(appId='$api')" id)"
assignments="$graph/servicePrincipals/$principal/appRoleAssignments"
role_id() { read_graph "$graph/servicePrincipals/$service" "appRoles[?value=='$1' && contains(allowedMemberTypes, 'Application')].id"; }
granted_ids="$(read_graph "$assignments?\$top=999" "value[?resourceId=='$service'].appRoleId")"

wanted_ids=()
for role in "${roles[@]}"; do
  id="$(role_id "$role")"
  [[ -n "$id" ]] || stop "The API $api has no application role $role"
  wanted_ids+=("$id")
  if grep -qx "$id" <<<"$granted_ids"; then
    echo "present  $role"
  else
    call_graph --method post --url "$assignments" --output none \
      --body "{\"principalId\":\"$principal\",\"resourceId\":\"$service\",\"appRoleId\":\"$id\"}"
    echo "granted  $role"
  fi
done

for id in $granted_ids; do
  [[ " ${wanted_ids[*]} " == *" $id "* ]] && continue
  role="$(read_graph "$graph/servicePrincipals/$service" "appRoles[?id=='$id'].value")"
  if [[ "$remove_excess" == 'yes' ]]; then
    assignment="$(read_graph "$assignments?\$top=999" "value[?resourceId=='$service' && appRoleId=='$id'].id")"
    call_graph --method delete --url "$assignments/$assignment" --output none
    echo "removed  ${role:-$id}"
  else
    echo "excess   ${role:-$id}  (take it away with --remove-excess)"
  fi
done
