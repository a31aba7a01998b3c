#!/usr/bin/env bash
# Grants Holdfast's identity what it needs at Defender for Endpoint, and shows what it has beyond that.
#
#   grant-defender-roles.sh --principal <identityPrincipalId of the deployment> [--graph <url>] [--remove-excess]
#
# Machine.LiveResponse    runs live response, cancels it, and reads the links to its results
# Machine.Read.All        finds devices by name, id, address and tag
# Machine.ReadWrite.All   reads machine actions and result links: Microsoft's pages disagree whether Machine.Read.All
#                         is enough for these two, and the newest name only this one
#
# Library.Manage is left out on purpose: who may collect should not be able to change the scripts that are run.
# New roles reach the tokens with a delay: a managed identity's token is cached for up to 24 hours.
set -euo pipefail

# "WindowsDefenderATP", the same in every tenant and cloud.
defender='fc780465-2017-40d4-a0c5-307022471b92'

exec bash "$(dirname "${BASH_SOURCE[0]}")/grant-app-roles.sh" --api "$defender" "$@" \
  Machine.LiveResponse Machine.Read.All Machine.ReadWrite.All
