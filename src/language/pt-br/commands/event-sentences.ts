import type { EventSentences } from '../../event-sentences.ts';
import { stateTrouble } from '../errors/state-errors.ts';

const WHY_UNMATCHED: Readonly<Record<string, string>> = {
  unknown_instance: 'nomeia uma instância que não é monitorada. Se deveria ser, veja o id dela na configuração',
  ambiguous:
    'nomeia uma instância de várias contas. Acrescente ?account= à URL do webhook, ou dê um hookToken a cada conta',
  unreadable: 'não pôde ser lido, ou não nomeia nenhuma instância. Veja a URL do webhook e o gateway da conta',
};

export const EVENT_SENTENCES: EventSentences = {
  alerts_refused: ({ text, count }) =>
    count('alerts') === 0
      ? `Uma entrega de alertas foi recusada, então nenhum deles reinicia nada: ${text('reason')}. O Alertmanager não a repete.`
      : `Alertas de uma entrega que não puderam ser entendidos, e não reiniciam nada: ${count('alerts')} (${text('reason')}).`,
  webhooks_unmatched: ({ text, names }) =>
    `Um webhook de ${names('accounts')} não teve efeito: ${WHY_UNMATCHED[text('why')] ?? text('why')}.`,
  tokens_refused: ({ text, count }) =>
    `${count('count')} tokens errados em um minuto vieram de ${text('address')} (${text('right')}): até o fim dele, os próximos recebem 429. Corrija ou remova o token que esse cliente envia.`,
  accounts_claimed: ({ names }) =>
    `Monitora a partir de agora: ${names('accounts')}${names('from') === '' ? ', que ninguém monitorava' : `, porque ${names('from')} não dá mais sinal`}.`,
  accounts_released: ({ text, names }) =>
    `Deixa de monitorar: ${names('accounts')}. A próxima a monitorar é ${text('to') === '' ? 'outra réplica' : text('to')}.`,
  accounts_lost: ({ names }) =>
    `Deixa de monitorar: ${names('accounts')}, que outra réplica assumiu, porque esta não pôde renovar a tempo. Verifique o caminho dela até o banco de dados, e se ela ficou suspensa.`,
  leases_not_renewed: ({ text }) =>
    `Esta réplica não consegue renovar a posse das contas: ${stateTrouble(text('reason'))}. Até conseguir, nada é reiniciado aqui, e as outras réplicas assumem as contas dela.`,
  leases_renewed: () => 'A posse das contas é renovada de novo.',
  replica_joined: ({ text, count }) => `A réplica ${text('replica')} entrou; ${shared(count('replicas'))}.`,
  replica_left: ({ text, count }) =>
    `A réplica ${text('replica')} saiu, ou não dá mais sinal; ${shared(count('replicas'))}.`,
  configs_differ: ({ names, is }) =>
    `Têm outra configuração: ${names('replicas')}. ${is('outdated') ? 'A daqui é mais antiga, então as outras recebem as contas dela' : 'A delas é mais antiga, então esta recebe as contas delas'} depois de dois minutos. Dê a mesma a todas as réplicas.`,
  configs_agree: () => 'Todas as réplicas têm a mesma configuração.',
};

function shared(replicas: number): string {
  return replicas === 1 ? 'uma réplica tem todas as contas' : `${replicas} réplicas dividem as contas`;
}
