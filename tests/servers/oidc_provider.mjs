// A certified OpenID provider on loopback. node oidc_provider.mjs PORT, clients as JSON in OIDC_CLIENTS.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(`${process.env.OIDC_FOLDER}/`);
const { Provider } = await import(pathToFileURL(require.resolve('oidc-provider')).href);

const port = Number(process.argv[2]);
const issuer = `http://127.0.0.1:${port}`;
const provider = new Provider(issuer, {
  clients: JSON.parse(process.env.OIDC_CLIENTS),
  scopes: ['openid', 'read', 'write'],
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => process.env.OIDC_RESOURCE,
      getResourceServerInfo: (_, resource) => ({
        audience: resource,
        scope: 'read write',
        accessTokenFormat: 'jwt',
        accessTokenTTL: 600,
      }),
    },
  },
});
provider.listen(port, '127.0.0.1');
