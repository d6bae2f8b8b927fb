/** What `init` asks and says. */
export interface InitWords {
  readonly gateway: (known: string) => string;
  readonly noSuchGateway: string;
  readonly address: string;
  readonly username: string;
  /** Of a secret, by its name. An empty answer leaves an optional one out. */
  readonly secret: (name: string) => string;
  readonly optionalSecret: (name: string) => string;
  readonly wrongSecret: string;
  readonly notSet: (variable: string) => string;
  readonly listing: (address: string) => string;
  readonly listFailed: (cause: string) => string;
  readonly none: string;
  readonly choose: (count: string) => string;
  readonly wrongChoice: string;
  readonly ids: string;
  readonly leftOut: (count: string) => string;
  readonly probing: (count: string, of: string) => string;
  readonly written: (file: string) => string;
  readonly secretsIn: (files: string) => string;
  readonly nothing: string;
  readonly next: string;
  /** Head of a column. */
  readonly state: string;
  /** Comments in the config. */
  readonly comments: {
    readonly head: string;
    readonly listen: string;
    readonly secret: string;
    readonly ownTokens: string;
    readonly hookToken: string;
    readonly discover: string;
    readonly instances: string;
    readonly silence: string;
    readonly notify: string;
  };
}
