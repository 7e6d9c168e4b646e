// A certified OpenID provider on loopback that binds tokens to keys (RFC 9449) and wants a nonce in each proof where
// KEYED_NONCES is set. node keyed_provider.mjs PORT, clients as JSON in OIDC_CLIENTS.
import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(`${process.env.OIDC_FOLDER}/`);
const { Provider } = await import(pathToFileURL(require.resolve('oidc-provider')).href);

const port = Number(process.argv[2]);
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: JSON.parse(process.env.OIDC_CLIENTS),
  scopes: ['openid', 'read'],
  enabledJWA: { clientAuthSigningAlgValues: ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA', 'Ed25519'] },
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    dPoP: {
      enabled: true,
      nonceSecret: randomBytes(32),
      requireNonce: () => Boolean(process.env.KEYED_NONCES),
    },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => process.env.OIDC_RESOURCE,
      getResourceServerInfo: (_, resource) => ({
        audience: resource,
        scope: 'read',
        accessTokenFormat: 'jwt',
        accessTokenTTL: 600,
      }),
    },
  },
});
provider.listen(port, '127.0.0.1');
