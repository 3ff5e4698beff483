// Owns the paths of the simulated instance's person and token side, named as Coupa names them.

export const routes = {
  home: '/',
  login: '/login',
  logout: '/logout',
  stylesheet: '/oauth2/simulator.css',
  clients: '/oauth2/clients',
  newClient: '/oauth2/clients/new',
  scopes: '/oauth2/scopes',
  interactions: '/oauth2/interactions',
  token: '/oauth2/token',
  authorization: '/oauth2/authorizations/new',
  deviceAuthorization: '/oauth2/device_authorizations',
  device: '/oauth2/device',
  revocation: '/oauth2/revoke',
  userinfo: '/oauth2/userinfo',
  jwks: '/oauth2/keys',
  endSession: '/oauth2/sessions/end',
  discovery: '/.well-known/openid-configuration',
} as const;
