// Owns the look of the simulator's pages: one small sheet, light and dark by the system's wish.

export const stylesheet = `
:root {
  color-scheme: light dark;
  --ink: light-dark(#1c2430, #e6e9ee);
  --soft: light-dark(#5a6675, #9aa5b3);
  --paper: light-dark(#f5f6f8, #12161c);
  --card: light-dark(#ffffff, #1a2029);
  --line: light-dark(#d5dae1, #313a47);
  --accent: light-dark(#0b62c4, #6cb0ff);
  --on-accent: light-dark(#ffffff, #08131f);
  --bad: light-dark(#b3261e, #ff8f86);
}
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
header, footer, main { max-width: 60rem; margin: 0 auto; padding: 1rem; }
header { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: center; border-bottom: 1px solid var(--line); }
nav { display: flex; flex-wrap: wrap; gap: .5rem 1.25rem; align-items: center; }
nav form { margin: 0; }
footer { color: var(--soft); font-size: .875rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: .5rem 0 1rem; }
h2 { font-size: 1.125rem; margin: 2rem 0 .5rem; }
a, button.link { color: var(--accent); }
.brand { font-weight: 650; color: var(--ink); text-decoration: none; }
.skip { position: absolute; left: -100rem; }
.skip:focus { left: 1rem; top: .5rem; background: var(--card); padding: .25rem .5rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: 1.25rem; margin: 0 0 1rem; }
.card > :first-child, .card > input[type=hidden] + * { margin-top: 0; }
.card > :last-child { margin-bottom: 0; }
form.card { max-width: 46rem; }
form.narrow { max-width: 26rem; }
label, legend { font-weight: 600; display: block; margin: .75rem 0 .25rem; }
label.choice { font-weight: 400; display: flex; gap: .5rem; align-items: baseline; margin: .125rem 0; overflow-wrap: anywhere; }
input:not([type=checkbox], [type=radio], [type=hidden]), select, textarea {
  width: 100%; padding: .5rem .625rem; font: inherit; color: inherit; background: var(--paper);
  border: 1px solid var(--line); border-radius: .375rem;
}
fieldset { border: 1px solid var(--line); border-radius: .375rem; margin: 1rem 0 0; padding: .25rem 1rem 1rem; }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(19rem, 100%), 1fr)); gap: 0 1rem; }
.hint { color: var(--soft); font-size: .875rem; margin: .125rem 0; }
.error { color: var(--bad); font-size: .9375rem; margin: .25rem 0; }
.alert { border-left: .25rem solid var(--bad); background: var(--card); padding: .625rem 1rem; margin: 0 0 1rem; }
[aria-invalid=true] { border-color: var(--bad) !important; }
.actions { display: flex; flex-wrap: wrap; gap: .75rem; margin-top: 1.25rem; }
button, .button {
  font: inherit; padding: .5rem 1.125rem; border-radius: .375rem; border: 1px solid var(--line);
  background: var(--card); color: inherit; cursor: pointer; text-decoration: none; display: inline-block;
}
.primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
button.link { border: 0; padding: 0; background: none; text-decoration: underline; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; background: var(--card); }
th, td { text-align: left; padding: .5rem .75rem; border-bottom: 1px solid var(--line); vertical-align: top; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .375rem 1.25rem; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
code { font: .9375em ui-monospace, monospace; overflow-wrap: anywhere; }
td code { white-space: nowrap; }
details > summary { cursor: pointer; color: var(--accent); width: max-content; }
details[open] > summary .closed, details:not([open]) > summary .opened { display: none; }
.only-code { display: none; }
form:has(option[value=authorization_code]:checked) .only-code { display: block; }
@media (max-width: 34rem) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; } }
`;
