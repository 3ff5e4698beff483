// The list of commands by their words; oclif reads it. Commands import their work inside run(), so that this stays quick.
export const commands = {};
