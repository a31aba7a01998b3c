// The function app on Flex Consumption: plan, app, settings. It holds no key and no connection string.
param name string
param planName string
param nodeVersion string
param maximumInstanceCount int
param identityId string
param identityClientId string
param stateAccountName string
param deploymentContainerName string
param evidenceAccountName string
param evidenceContainerName string
param applicationInsightsConnectionString string
param authMode string
param entraTenantId string
param entraAudience string
param defenderApiUrl string
param defenderTokenScope string
param authorityHost string
param resultLinkHosts string
param callbackHosts string
param extraSettings object
param location string
param tags object

var storageSuffix = environment().suffixes.storage
var stateBlobUri = 'https://${stateAccountName}.blob.${storageSuffix}'

// Service URIs, not __accountName: the host completes an account name with the suffix of the commercial cloud.
var hostSettings = {
  AzureWebJobsStorage__blobServiceUri: stateBlobUri
  AzureWebJobsStorage__queueServiceUri: 'https://${stateAccountName}.queue.${storageSuffix}'
  AzureWebJobsStorage__tableServiceUri: 'https://${stateAccountName}.table.${storageSuffix}'
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: identityClientId
  APPLICATIONINSIGHTS_CONNECTION_STRING: applicationInsightsConnectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
}

// Holdfast's own settings; docs/settings.md explains each, and a test compares the defaults.
var holdfastSettings = {
  EvidenceStorage__blobServiceUri: 'https://${evidenceAccountName}.blob.${storageSuffix}'
  EVIDENCE_CONTAINER: evidenceContainerName
  AZURE_CLIENT_ID: identityClientId
  AZURE_AUTHORITY_HOST: authorityHost
  DEFENDER_API_URL: defenderApiUrl
  DEFENDER_TOKEN_SCOPE: defenderTokenScope
  DEFENDER_SUBMITS_PER_MINUTE: '10'
  DEFENDER_CALLS_PER_MINUTE: '100'
  DEFENDER_CALLS_PER_HOUR: '1500'
  DEFENDER_SESSIONS: '25'
  DEFENDER_SESSIONS_RESERVED: '2'
  PROBATION_SECONDS: '240'
  DISPATCH_SCHEDULE: '0 * * * * *'
  POLL_SCHEDULE: '30 * * * * *'
  POLL_MIN_SECONDS: '5'
  HOUSEKEEPING_SCHEDULE: '0 17 3 * * *'
  REUSE_EVIDENCE_SECONDS: '0'
  RETENTION_DAYS: '90'
  RESULT_LINK_HOSTS: resultLinkHosts
  CALLBACK_HOSTS: callbackHosts
  AUTH_MODE: authMode
}

// Half a set of these stops the start on purpose, so they are written only where they are meant.
var entraSettings = {
  ENTRA_TENANT_ID: entraTenantId
  ENTRA_AUDIENCE: entraAudience
}

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    tier: 'FlexConsumption'
    name: 'FC1'
  }
  properties: {
    reserved: true
  }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: name
  location: location
  tags: tags
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    siteConfig: {
      minTlsVersion: '1.2'
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${stateBlobUri}/${deploymentContainerName}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      scaleAndConcurrency: {
        maximumInstanceCount: maximumInstanceCount
        instanceMemoryMB: 2048
      }
      runtime: {
        name: 'node'
        version: nodeVersion
      }
    }
  }
}

resource settings 'Microsoft.Web/sites/config@2024-04-01' = {
  parent: app
  name: 'appsettings'
  properties: union(hostSettings, holdfastSettings, authMode == 'entra' ? entraSettings : {}, extraSettings)
}

// Deployments go through Entra alone; the publishing passwords are switched off.
resource noPublishingPassword 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: app
  name: 'scm'
  properties: {
    allow: false
  }
}

resource noFtpPassword 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: app
  name: 'ftp'
  properties: {
    allow: false
  }
}

output name string = app.name
output url string = 'https://${app.properties.defaultHostName}'
