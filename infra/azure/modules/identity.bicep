// The one identity that Holdfast runs as: at the storage accounts, at Defender and at Application Insights.
// It has no right to manage any resource, so it cannot relax the protection of the evidence.
param name string
param location string
param tags object

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: name
  location: location
  tags: tags
}

output id string = identity.id
output principalId string = identity.properties.principalId
output clientId string = identity.properties.clientId
