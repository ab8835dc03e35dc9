/** How to run the service the recording is about, from loop.yaml or from the command line. */
import { resolve } from 'node:path';
import { ReplayError } from '../error.ts';
import type { Project, ServiceSettings } from './project.ts';

export interface SettingsRequest {
  readonly service: string;
  readonly project: Project | undefined;
  readonly currentDirectory: string;
  /** Stands in for a missing loop.yaml. */
  readonly port: number | undefined;
  readonly command: readonly string[];
}

export type PlacedSettings = ServiceSettings & {
  readonly workingDirectory: string;
  readonly projectDirectory: string;
  /** What to run: the command line's, else loop.yaml's. */
  readonly run: readonly string[];
};

/** Throws ReplayError `no-service`, with a loop.yaml to begin with, or `wrong-service` when this repository is another's. */
export function settingsFor(request: SettingsRequest): PlacedSettings {
  const { service, project, port } = request;
  const settings = project?.services[service];
  if (settings !== undefined && project !== undefined) {
    const workingDirectory =
      request.command.length > 0 ? request.currentDirectory : resolve(project.directory, settings.directory);
    return withCommand(
      { ...settings, ...(port !== undefined && { port }), workingDirectory, projectDirectory: project.directory },
      request,
    );
  }
  if (port !== undefined) {
    const { currentDirectory } = request;
    return withCommand(
      {
        directory: '.',
        port,
        env: {},
        loopback: {},
        map: {},
        keep: [],
        workingDirectory: currentDirectory,
        projectDirectory: currentDirectory,
      },
      request,
    );
  }
  throw project === undefined ? noProject(service) : otherService(service, project);
}

function withCommand(settings: Omit<PlacedSettings, 'run'>, request: SettingsRequest): PlacedSettings {
  const run = request.command.length > 0 ? request.command : settings.command;
  if (run !== undefined) return { ...settings, run };
  throw new ReplayError(
    'no-service',
    `Nothing says how "${request.service}" is started.`,
    'Give the command after --, for example: -- node server.js',
  );
}

function noProject(service: string): ReplayError {
  const example = `version: 1\nservices:\n  ${service}:\n    command: [node, server.js]\n    port: 8080\n    ready: /healthz\n    env: {}`;
  return new ReplayError(
    'no-service',
    `The failure began at the service "${service}", and no loop.yaml here or above says how it is run.`,
    `--port <port>, or a loop.yaml in its repository:\n\n${example}\n`,
  );
}

function otherService(service: string, project: Project): ReplayError {
  const known = Object.keys(project.services);
  return new ReplayError(
    'wrong-service',
    `The failure began at the service "${service}"; the loop.yaml in ${project.directory} knows ${known.join(', ')}.`,
    `Change to the repository of ${service}, or replay another hop with --service.`,
  );
}
