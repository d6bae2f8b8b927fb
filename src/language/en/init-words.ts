/** What `init` asks and says. */
export const INIT_WORDS = {
  gateway: (known: string) => `Gateway, one of ${known}`,
  noSuchGateway: 'There is no such gateway.',
  address: 'Address of the gateway',
  username: 'User name of the account, as in the URLs of the gateway',
  /** Of a secret, by its name. An empty answer leaves an optional one out. */
  secret: (name: string) => `${name} (not shown; or $NAME for the environment variable NAME)`,
  optionalSecret: (name: string) => `${name}, for the list of instances (not shown; or $NAME; empty: no list)`,
  wrongSecret: 'It must be one line of visible ASCII characters.',
  notSet: (variable: string) => `The environment variable ${variable} is not set.`,
  listing: (address: string) => `Asking ${address} for its instances …`,
  listFailed: (cause: string) => `The gateway gave no list of its instances: ${cause}`,
  none: 'The gateway has no instances.',
  choose: (count: string) => `Which ones are to be watched? Enter for all ${count}, or numbers such as 1,3-5`,
  wrongChoice: 'Write numbers from the list, such as 1,3-5.',
  ids: 'Ids of the instances to watch, with commas between them',
  leftOut: (count: string) => `${count} more entries are left out: they hold no id that a config can name.`,
  probing: (count: string, of: string) => `Probing ${count} of ${of} …`,
  written: (file: string) => `${file} is written.`,
  secretsIn: (files: string) => `Secrets are in ${files}, which only you can read.`,
  nothing: 'Nothing was written.',
  next: 'Next: "smileapi-watchdog run --dry-run" shows what it would restart, and "smileapi-watchdog run" restarts.',
  /** Head of a column. */
  state: 'STATE',
  /** Comments in the config. */
  comments: {
    head: 'Config of smileapi-watchdog. `smileapi-watchdog check` validates it, and docs/configuration.md has all keys.',
    lang: 'Messages, tables and the status page are in this language.',
    listen: 'Status page, API and metrics, on this machine only. For others: 0.0.0.0:9847, with api.readToken.',
    secret: 'Secrets stand in files that only you can read, or in environment variables.',
    ownTokens: 'An instance with a token of its own has `token` or `tokenFile`.',
    hookToken: (path: string) => `With a token, the gateway may call ${path}?token=… at each change:`,
    discover: 'Instead of naming each instance below, those that the gateway lists are watched with:',
    instances: '`name` is what people and alerts call an instance; by default it is the id.',
    silence: 'Sessions that are connected while nothing comes in, if the gateway calls the hook above:',
    notify: 'Messages when an instance is down, needs a person, or is back:',
  },
};
