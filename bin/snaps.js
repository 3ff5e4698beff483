#!/usr/bin/env node
// Starts the command line on a Node that can run it: this one, or the one that the checkout brought along.
// Plain JavaScript for old engines; it must never do the command line's own work.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants, homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const NODE_MAJOR_MIN = 24;
const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

if (Number(process.versions.node.split('.')[0]) >= NODE_MAJOR_MIN) await runHere();
else runOnBundledNode();

async function runHere() {
  // node:sqlite still announces itself as experimental; a person at a terminal can do nothing about it.
  const emitWarning = process.emitWarning;
  process.emitWarning = (warning, ...rest) => {
    const name = typeof rest[0] === 'object' ? rest[0]?.type : rest[0];
    if (name !== 'ExperimentalWarning') emitWarning.call(process, warning, ...rest);
  };
  if (process.channel) {
    // Started by an old Node (below): when that one dies without a word, stop cleanly instead of living on alone.
    process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
    process.channel.unref();
  }
  // Compiled code is kept in the person's own cache, never in a shared temporary folder, where another user could put code of theirs.
  const { enableCompileCache } = await import('node:module');
  const caches = process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache');
  enableCompileCache(process.env.NODE_COMPILE_CACHE || path.join(caches, 'snaps', 'compiled'));
  const folder = existsSync(path.join(root, 'src')) ? 'src' : 'dist';
  const entry = path.join(root, folder, 'commands', `main.${folder === 'src' ? 'ts' : 'js'}`);
  const { main } = await import(pathToFileURL(entry).href);
  await main(process.argv.slice(2), root);
}

function runOnBundledNode() {
  const node = bundledNode();
  if (!node) {
    process.stderr.write(
      `snaps needs Node ${NODE_MAJOR_MIN} or newer; this is ${process.version} (${process.execPath}).\n`,
    );
    process.exitCode = 2;
    return;
  }
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to the child as well; forwarding it would count as pressing it twice.
      if (signal === 'SIGINT' && process.stdin.isTTY) return;
      child.kill(signal);
    });
  }
  child.on('error', (error) => {
    process.stderr.write(`${node} could not be started: ${error.message}\n`);
    process.exitCode = 2;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0);
  });
}

function bundledNode() {
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const file = process.platform === 'win32' ? 'node.exe' : 'node';
  const candidates = [
    path.join(root, 'node_modules', name, 'bin', file),
    path.join(path.dirname(root), name, 'bin', file),
  ];
  return candidates.find((candidate) => existsSync(candidate));
}
