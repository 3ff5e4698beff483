// Owns where an account is used, and what the pipelines there still lack: a missing scope, a changed resource.
import type { ReactElement } from 'react';
import type { JsonObject } from '../../../src/document/json.ts';
import type { AccountView } from '../../../src/host/host.ts';
import { api } from '../api.ts';
import { Guided } from '../components/guided.tsx';
import { LoadedView } from '../components/states.tsx';
import type { Fault } from '../problem.ts';
import { Link } from '../router.tsx';
import { useData } from '../use-data.ts';

/** Pipelines that are checked when the page opens; the others are listed without a verdict. */
const checkedMax = 20;

interface Usage {
  readonly name: string;
  readonly snaps: number;
  /** Faults at the snaps that use the account; undefined when it was not checked. */
  readonly faults: readonly Fault[] | undefined;
}

export function AccountUsage({ account }: { readonly account: AccountView }): ReactElement {
  const usage = useData(
    () => loadUsage(account.name),
    `usage ${account.name} ${account.updatedAt} ${account.token?.version}`,
  );
  return (
    <LoadedView loaded={usage}>
      {(users) =>
        users.length === 0 ? (
          <p className="muted">No saved pipeline uses it.</p>
        ) : (
          <ul className="plain-list">
            {users.map(({ name, snaps, faults }) => (
              <li key={name}>
                <Link to={['designer', name]}>{name}</Link> <span className="muted">{snaps} snaps</span>
                {faults?.map((fault) => (
                  <p key={`${fault.pointer} ${fault.message}`} className="note note-warn">
                    <Guided text={fault.message} />
                  </p>
                ))}
              </li>
            ))}
          </ul>
        )
      }
    </LoadedView>
  );
}

async function loadUsage(account: string): Promise<readonly Usage[]> {
  const users = (await api.pipelines()).filter(({ accounts }) => accounts.includes(account));
  return await Promise.all(
    users.map(async ({ name, snaps }, index): Promise<Usage> => {
      if (index >= checkedMax) return { name, snaps, faults: undefined };
      const { pipeline } = await api.pipeline(name);
      const { faults } = await api.checkPipeline(pipeline);
      return { name, snaps, faults: faults.filter(({ pointer }) => isAbout(pipeline, pointer, account)) };
    }),
  );
}

/** Whether a fault stands at a snap that uses the account, and not in the snap's own settings. */
function isAbout({ snaps }: JsonObject, pointer: string, account: string): boolean {
  const [, list, index, part] = pointer.split('/');
  const snap = list === 'snaps' && Array.isArray(snaps) ? snaps[Number(index)] : undefined;
  return (
    typeof snap === 'object' && snap !== null && 'account' in snap && snap.account === account && part !== 'settings'
  );
}
