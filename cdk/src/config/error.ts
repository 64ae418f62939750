/** What is wrong with a lamex.yaml. */

export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(
    readonly problem: string,
    /** Where in the file, from 1; absent where no line says it. */
    readonly line?: number,
    /** The file as it was named. */
    readonly path?: string,
  ) {
    const place = [path, line].filter((part) => part !== undefined).join(':');
    super(place === '' ? problem : `${place}: ${problem}`);
  }

  /** The same problem, with the file's name. */
  in(path: string): ConfigError {
    return new ConfigError(this.problem, this.line, path);
  }
}
