import type { Language } from './language.ts';

/** What the public page says. */
export interface PublicWords {
  readonly title: string;
  readonly allWell: string;
  /** Nothing is disturbed of what is known, which is not all. */
  readonly knownWell: string;
  readonly someTrouble: (sick: string, of: string) => string;
  /** Replicas gave no answer. */
  readonly incomplete: string;
  readonly incompleteWithout: (replicas: string) => string;
  readonly well: string;
  readonly partly: (sick: string, of: string) => string;
  readonly maintenance: string;
  readonly open: (name: string) => string;
  readonly planned: (name: string, time: string) => string;
  readonly available: (percent: string) => string;
  readonly days: (percent: string, day: string) => string;
  readonly nothingKnown: string;
  readonly others: string;
  readonly byDay: string;
  readonly asOf: (time: string) => string;
  readonly renew: string;
  readonly stay: string;
}

export const PUBLIC_WORDS: Readonly<Record<Language, PublicWords>> = {
  en: {
    title: 'Status',
    allWell: 'Everything works',
    knownWell: 'Everything that answers works',
    someTrouble: (sick, of) => `${sick} of ${of} are disturbed`,
    incomplete: 'Incomplete: a part of the fleet gives no answer',
    incompleteWithout: (replicas) => `Incomplete: no answer from ${replicas}`,
    well: 'works',
    partly: (sick, of) => `${sick} of ${of} disturbed`,
    maintenance: 'maintenance',
    open: (name) => `Maintenance goes on now: ${name}`,
    planned: (name, time) => `Planned maintenance: ${name}, from ${time}`,
    available: (percent) => `${percent} % in 90 days`,
    days: (percent, day) => `${day}: ${percent} %`,
    nothingKnown: 'nothing known',
    others: 'Others',
    byDay: 'Availability by day',
    asOf: (time) => `As of ${time}`,
    renew: 'Renew this page each minute',
    stay: 'Leave this page as it is',
  },
  'pt-BR': {
    title: 'Status',
    allWell: 'Tudo funciona',
    knownWell: 'Tudo o que responde funciona',
    someTrouble: (sick, of) => `${sick} de ${of} com problemas`,
    incomplete: 'Incompleto: uma parte não responde',
    incompleteWithout: (replicas) => `Incompleto: sem resposta de ${replicas}`,
    well: 'funciona',
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
  },
};
