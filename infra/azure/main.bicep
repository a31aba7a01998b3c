// Everything Holdfast runs on, in one resource group. See docs/deploy.md for the order of steps.
targetScope = 'resourceGroup'

@description('Short name that the resources begin with; letters and digits.')
@minLength(3)
@maxLength(11)
param name string = 'holdfast'

@description('Region. Flex Consumption is not in every region: az functionapp list-flexconsumption-locations')
param location string = resourceGroup().location

@description('Tags for every resource.')
param tags object = {}

@description('Node version of the Functions runtime. The bundle is built for 22 and also runs on 24.')
@allowed(['22', '24'])
param nodeVersion string = '22'

@description('Upper bound of instances. Defender allows 10 submits a minute, so Holdfast needs few.')
@minValue(40)
@maxValue(1000)
param maximumInstanceCount int = 40

@description('How callers prove who they are: key (function keys) or entra (bearer tokens, checked in the app).')
@allowed(['key', 'entra'])
param authMode string

@description('For entra: tenant whose tokens are accepted.')
param entraTenantId string = tenant().tenantId

@description('For entra: audience of the tokens, the client id that create-entra-app.sh prints.')
param entraAudience string = ''

@description('Defender API host of your cloud or region; docs/deploy.md has the table.')
param defenderApiUrl string = 'https://api.security.microsoft.com'

@description('Scope of the token for Defender; differs in government clouds.')
param defenderTokenScope string = 'https://api.securitycenter.microsoft.com/.default'

@description('Sign-in host of the cloud.')
param authorityHost string = environment().authentication.loginEndpoint

@description('Suffixes of hosts from which a result may be fetched, separated by commas.')
param resultLinkHosts string = '.blob.core.windows.net,.blob.core.usgovcloudapi.net,.endpoint.security.microsoft.com'

@description('Suffixes of hosts that a callback may go to, separated by commas.')
param callbackHosts string = '.logic.azure.com,.azure-api.net,.azurewebsites.net'

@description('Any other setting of docs/settings.md, by its name; wins over what this template sets.')
param extraSettings object = {}

@description('Redundancy of the evidence account.')
@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GRS', 'Standard_RAGRS', 'Standard_GZRS', 'Standard_RAGZRS'])
param evidenceSku string = 'Standard_ZRS'

@description('Days for which nobody can change or delete evidence (unlocked policy, see docs/deploy.md); 0 for none.')
@minValue(0)
@maxValue(146000)
param evidenceRetentionDays int = 30

@description('Days that logs are kept.')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 90

// One suffix for all names: the same group and name always give the same resources.
var unique = uniqueString(resourceGroup().id, name)

module identity 'modules/identity.bicep' = {
  name: 'holdfast-identity'
  params: {
    name: 'id-${name}-${unique}'
    location: location
    tags: tags
  }
}

module telemetry 'modules/telemetry.bicep' = {
  name: 'holdfast-telemetry'
  params: {
    workspaceName: 'log-${name}-${unique}'
    componentName: 'appi-${name}-${unique}'
    principalId: identity.outputs.principalId
    retentionDays: logRetentionDays
    location: location
    tags: tags
  }
}

module state 'modules/state-storage.bicep' = {
  name: 'holdfast-state'
  params: {
    accountName: toLower('${take(name, 9)}st${unique}')
    principalId: identity.outputs.principalId
    location: location
    tags: tags
  }
}

module evidence 'modules/evidence-storage.bicep' = {
  name: 'holdfast-evidence'
  params: {
    accountName: toLower('${take(name, 9)}ev${unique}')
    sku: evidenceSku
    retentionDays: evidenceRetentionDays
    principalId: identity.outputs.principalId
    location: location
    tags: tags
  }
}

module app 'modules/function-app.bicep' = {
  name: 'holdfast-app'
  params: {
    name: 'func-${name}-${unique}'
    planName: 'plan-${name}-${unique}'
    nodeVersion: nodeVersion
    maximumInstanceCount: maximumInstanceCount
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    stateAccountName: state.outputs.accountName
    deploymentContainerName: state.outputs.deploymentContainerName
    evidenceAccountName: evidence.outputs.accountName
    evidenceContainerName: evidence.outputs.containerName
    applicationInsightsConnectionString: telemetry.outputs.connectionString
    authMode: authMode
    entraTenantId: entraTenantId
    entraAudience: entraAudience
    defenderApiUrl: defenderApiUrl
    defenderTokenScope: defenderTokenScope
    authorityHost: authorityHost
    resultLinkHosts: resultLinkHosts
    callbackHosts: callbackHosts
    extraSettings: extraSettings
    location: location
    tags: tags
  }
}

output functionAppName string = app.outputs.name
output functionAppUrl string = app.outputs.url
output identityPrincipalId string = identity.outputs.principalId
output identityClientId string = identity.outputs.clientId
output stateAccountName string = state.outputs.accountName
output evidenceAccountName string = evidence.outputs.accountName
output evidenceContainerName string = evidence.outputs.containerName
