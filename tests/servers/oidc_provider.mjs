// A certified OpenID provider on loopback. node oidc_provider.mjs PORT; clients and accounts as JSON in OIDC_CLIENTS and
// OIDC_ACCOUNTS, OIDC_RESOURCE the audience where a program's own token request names none, OIDC_TTL an access token's
// seconds.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(`${process.env.OIDC_FOLDER}/`);
const { Provider, errors } = await import(pathToFileURL(require.resolve('oidc-provider')).href);

const port = Number(process.argv[2]);
const issuer = `http://127.0.0.1:${port}`;
const accounts = JSON.parse(process.env.OIDC_ACCOUNTS ?? '{}');
const ttl = Number(process.env.OIDC_TTL ?? 600);

const provider = new Provider(issuer, {
  clients: JSON.parse(process.env.OIDC_CLIENTS),
  scopes: ['openid', 'offline_access', 'read', 'write'],
  claims: { openid: ['sub'], email: ['email'], groups: ['groups'] },
  findAccount: (_, name) =>
    accounts[name] && { accountId: name, claims: () => ({ sub: name, ...accounts[name] }) },
  extraTokenClaims: (_, token) => (token.accountId ? { groups: accounts[token.accountId]?.groups } : undefined),
  issueRefreshToken: (_, client) => client.grantTypeAllowed('refresh_token'),
  rotateRefreshToken: true,
  expiresWithSession: () => false,
  ttl: { AccessToken: ttl, ClientCredentials: ttl, DeviceCode: 600 },
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: true },
    deviceFlow: { enabled: true },
    introspection: { enabled: true },
    registration: { enabled: true },
    revocation: { enabled: true },
    userinfo: { enabled: true },
    resourceIndicators: {
      enabled: true,
      // a person's token without a resource is for user info; a program's has no user
      defaultResource: (_, client, oneOf) =>
        oneOf ?? (client.grantTypeAllowed('client_credentials') ? process.env.OIDC_RESOURCE : undefined),
      getResourceServerInfo: (_, resource) => {
        if (new URL(resource).hostname.endsWith('.invalid')) throw new errors.InvalidTarget();
        return { audience: resource, scope: 'read write', accessTokenFormat: 'jwt', accessTokenTTL: ttl };
      },
    },
  },
});
provider.listen(port, '127.0.0.1');
