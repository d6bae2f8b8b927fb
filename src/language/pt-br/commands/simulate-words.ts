import type { CliWords } from '../../cli-words.ts';

export const SIMULATE_WORDS: CliWords['simulate'] = {
  columns: {
    ...{ down: 'FORA DO AR', restarts: 'REINÍCIOS', healed: 'RESOLVERAM', phase: 'FASE NO FIM' },
    holds: 'RETIDA POR',
  },
  noReceiver: 'Ninguém seria avisado: a configuração não tem destinatário em notify.',
  nobody: 'Ninguém seria avisado.',
  messages: (counts) => `Mensagens que seriam enviadas: ${counts}`,
  notified: (receiver, title) => `${receiver} é avisado: ${title}`,
  met: 'cumprida',
  notMet: 'NÃO CUMPRIDA',
  line: (line, text, found) => `linha ${line}: ${text} (foi: ${found})`,
  nothingHappened: 'Nada aconteceu.',
  happened: (time) => `O que aconteceu depois de ${time}:`,
};
