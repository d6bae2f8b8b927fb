import type { Language } from './language.ts';

const ENGLISH = {
  title: 'Status',
  allWell: 'Everything works',
  /** Nothing is disturbed of what is known, which is not all. */
  knownWell: 'Everything that answers works',
  someTrouble: (sick: string, of: string) => `${sick} of ${of} are disturbed`,
  /** Replicas gave no answer. */
  incomplete: 'Incomplete: a part of the fleet gives no answer',
  incompleteWithout: (replicas: string) => `Incomplete: no answer from ${replicas}`,
  /** Accounts are in no part, because their replica is changing. */
  changing: 'Incomplete: a part of the fleet is being handed over, and will be back in a few seconds',
  /** Of none of all that are shown. */
  nothingIsKnown: 'Nothing is known at the moment',
  well: 'works',
  sick: 'disturbed',
  unknownOf: (unknown: string, of: string) => `nothing known of ${unknown} of ${of}`,
  partly: (sick: string, of: string) => `${sick} of ${of} disturbed`,
  maintenance: 'maintenance',
  open: (name: string) => `Maintenance goes on now: ${name}`,
  planned: (name: string, time: string) => `Planned maintenance: ${name}, from ${time}`,
  available: (percent: string) => `${percent} % in 90 days`,
  days: (percent: string, day: string) => `${day}: ${percent} %`,
  nothingKnown: 'nothing known',
  others: 'Others',
  byDay: 'Availability by day',
  asOf: (time: string) => `As of ${time}`,
  renew: 'Renew this page each minute',
  stay: 'Leave this page as it is',
  badge: {
    unknown: 'unknown',
    /** What it lacks. */
    without: (lacks: string) => `without ${lacks}`,
    both: (replicas: string, accounts: string) => `${replicas} and ${accounts}`,
    replicas: (count: number) => (count === 1 ? '1 replica' : `${count} replicas`),
    accounts: (count: number) => (count === 1 ? '1 account' : `${count} accounts`),
  },
};

/** What the public page says. */
export type PublicWords = typeof ENGLISH;

export const PUBLIC_WORDS: Readonly<Record<Language, PublicWords>> = {
  en: ENGLISH,
  'pt-BR': {
    title: 'Status',
    allWell: 'Tudo funciona',
    knownWell: 'Tudo o que responde funciona',
    someTrouble: (sick, of) => `${sick} de ${of} com problemas`,
    incomplete: 'Incompleto: uma parte não responde',
    incompleteWithout: (replicas) => `Incompleto: sem resposta de ${replicas}`,
    changing: 'Incompleto: uma parte está sendo transferida agora e volta em alguns segundos',
    nothingIsKnown: 'Sem informações no momento',
    well: 'funciona',
    sick: 'com problemas',
    unknownOf: (unknown, of) => `sem informações de ${unknown} de ${of}`,
    partly: (sick, of) => `${sick} de ${of} com problemas`,
    maintenance: 'manutenção',
    open: (name) => `Manutenção em andamento: ${name}`,
    planned: (name, time) => `Manutenção programada: ${name}, a partir de ${time}`,
    available: (percent) => `${percent} % em 90 dias`,
    days: (percent, day) => `${day}: ${percent} %`,
    nothingKnown: 'sem informações',
    others: 'Outros',
    byDay: 'Disponibilidade por dia',
    asOf: (time) => `Atualizado em ${time}`,
    renew: 'Atualizar esta página a cada minuto',
    stay: 'Deixar esta página como está',
    badge: {
      unknown: 'sem informações',
      without: (lacks) => `(falta: ${lacks})`,
      both: (replicas, accounts) => `${replicas} e ${accounts}`,
      replicas: (count) => (count === 1 ? '1 réplica' : `${count} réplicas`),
      accounts: (count) => (count === 1 ? '1 conta' : `${count} contas`),
    },
  },
};
