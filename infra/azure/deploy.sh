#!/usr/bin/env bash
# Deploys the infrastructure, then the app. Running it again brings both up to date.
#
#   deploy.sh --resource-group <name> [--location <region>] [--parameters <file.bicepparam>] [--only-app]
#
# --location is needed for a group that is not there yet; --only-app leaves the infrastructure as it is.
# Needs the Azure CLI 2.60 or later, signed in as Owner of the group (role assignments are made), npm, and zip.
set -euo pipefail

stop() { echo "$1" >&2; exit 2; }

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/../.." && pwd)"
group='' location='' parameters="$here/main.bicepparam" only_app='no'
while (($#)); do
  case "$1" in
    --resource-group) group="${2:?--resource-group needs a name}"; shift 2 ;;
    --location) location="${2:?--location needs a region}"; shift 2 ;;
    --parameters) parameters="${2:?--parameters needs a file}"; shift 2 ;;
    --only-app) only_app='yes'; shift ;;
    *) stop "Unknown option $1" ;;
  esac
done
[[ -n "$group" ]] || stop 'Name the resource group: --resource-group <name>'
[[ -f "$parameters" ]] || stop "There is no file $parameters"
for tool in az npm zip curl; do command -v "$tool" >/dev/null || stop "$tool is missing"; done

deployment='holdfast'
if [[ "$only_app" == 'no' ]]; then
  [[ -z "$location" ]] || az group create --name "$group" --location "$location" --output none
  echo 'Deploying the infrastructure (some minutes)'
  az deployment group create --name "$deployment" --resource-group "$group" --parameters "$parameters" --output none
fi
output_of() {
  az deployment group show --name "$deployment" --resource-group "$group" \
    --query "properties.outputs.$1.value" --output tsv | tr -d '\r'
}
app="$(output_of functionAppName)"
url="$(output_of functionAppUrl)"

echo 'Building'
(cd "$root" && npm ci && npm run build)

# The bundle holds its dependencies, so node_modules stays here and nothing is built in Azure.
package="$(mktemp -d)/holdfast.zip"
(cd "$root" && zip -qr "$package" host.json package.json dist -x 'dist/meta.json' 'dist/.build-*')
echo "Deploying the app to $app"
az functionapp deployment source config-zip --resource-group "$group" --name "$app" --src "$package" \
  --build-remote false --output none

echo "Waiting for $url/api/health"
curl --silent --show-error --fail --retry 20 --retry-delay 6 --retry-all-errors "$url/api/health"
echo
echo "Holdfast answers at $url. Its identity, for grant-defender-roles.sh: $(output_of identityPrincipalId)"
