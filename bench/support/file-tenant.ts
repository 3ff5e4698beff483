// A simulated tenant in a process of its own, so that the memory of the host alone is measured. Tells its parent where it is and who may come.
import { startSimulator } from '../../src/simulator/index.ts';

const scopes = ['core.invoice.read', 'core.invoice.write'];
const simulator = await startSimulator({ records: 10 });
const { clientId, clientSecret } = simulator.registerClient({
  name: 'Bench',
  login: 'bench',
  grantType: 'client_credentials',
  scopes,
});
process.send?.({ url: simulator.url, clientId, clientSecret, scopes: scopes.join(' ') });
process.once('disconnect', () => void simulator.close());
