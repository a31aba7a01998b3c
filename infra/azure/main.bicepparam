// An example: copy it, fill in the audience, keep the copy with your other infrastructure.
using 'main.bicep'

param name = 'holdfast'
param authMode = 'entra'

// The client id that create-entra-app.sh prints.
param entraAudience = '00000000-0000-0000-0000-000000000000'

// Nearest Defender host of your region, for instance eu.api.security.microsoft.com; see docs/deploy.md.
param defenderApiUrl = 'https://api.security.microsoft.com'

// Unlocked, so that a trial can be removed. Lock the policy before you rely on it.
param evidenceRetentionDays = 30

param extraSettings = {
  // DEFENDER_SESSIONS: '50'
  // Or, where you do not know, up to how many Holdfast may try:
  // DEFENDER_SESSIONS_MOST: '50'
}
