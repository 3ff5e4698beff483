// Owns the seeded people who can log in to the simulator. Their passwords are shown on the login page: nothing here is secret.

/** One person of the simulated company. */
export interface Person {
  readonly login: string;
  readonly password: string;
  readonly name: string;
  readonly email: string;
}

/** Everybody who can log in; the first is the administrator. */
export const people: readonly [Person, ...Person[]] = [
  { login: 'admin', password: 'admin', name: 'Ada Minerva', email: 'ada.minerva@example.com' },
  { login: 'buyer', password: 'buyer', name: 'Bruno Vega', email: 'bruno.vega@example.com' },
];

export function findPerson(login: string): Person | undefined {
  return people.find((person) => person.login === login);
}
