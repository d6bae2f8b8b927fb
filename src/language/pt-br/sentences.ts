import { SECOND } from '../../core/time.ts';
import { translatedProblem } from '../problem-translation.ts';
import type { Sentences } from '../sentences.ts';
import { stateTrouble } from './errors/state-errors.ts';
import { PROBLEM_SENTENCES } from './problems/problem-sentences.ts';
import { WORDS } from './words.ts';

const { phases, causes, holds, outcomes } = WORDS;

export const SENTENCES: Sentences = {
  headings: {
    down: { began: 'Fora do ar', lasts: 'Ainda fora do ar', ended: 'No ar de novo' },
    exhausted: { began: 'Reinícios esgotados', lasts: 'Ainda fora do ar, reinícios esgotados', ended: 'No ar de novo' },
    needs_human: { began: 'Precisa de alguém', lasts: 'Ainda precisa de alguém', ended: 'No ar de novo' },
    paused: { began: 'Pausada', lasts: 'Ainda pausada', ended: 'Fim da pausa' },
    storm: { began: 'Tempestade', lasts: 'A tempestade continua', ended: 'Fim da tempestade' },
    gateway_outage: {
      began: 'Gateway fora do ar',
      lasts: 'Gateway ainda fora do ar',
      ended: 'Gateway no ar de novo',
    },
    harmful: {
      began: 'Reinícios fazem mal',
      lasts: 'Reinícios ainda retidos: fizeram mal',
      ended: 'Reinícios liberados',
    },
    blind: { began: 'Às cegas', lasts: 'Ainda às cegas', ended: 'Enxerga de novo' },
    silent: { began: 'Em silêncio', lasts: 'Ainda em silêncio', ended: 'Dá sinal de vida de novo' },
    refused: { began: 'Conta recusada', lasts: 'Conta ainda recusada', ended: 'Conta aceita de novo' },
    flapping: { began: 'Oscilando', lasts: 'Ainda oscilando', ended: 'Não oscila mais' },
    discovery_failed: {
      began: 'Descoberta falhou',
      lasts: 'Descoberta ainda falha',
      ended: 'Descoberta funciona de novo',
    },
    own_network: { began: 'Sem rede própria', lasts: 'Ainda sem rede própria', ended: 'Rede própria de volta' },
    config_reload_failed: {
      began: 'Configuração não recarregada',
      lasts: 'Configuração ainda não recarregada',
      ended: 'Configuração boa de novo',
    },
    state_not_saved: { began: 'Estado não salvo', lasts: 'Estado ainda não salvo', ended: 'Estado salvo de novo' },
    healed: 'Recuperada por reinício',
    recovered: 'Voltou sozinha',
    restart: 'Reinício pedido',
    not_healed: 'O reinício não resolveu',
    escalated: 'O gateway precisa ser reiniciado',
    restart_harmed: 'O reinício fez mal',
    reset: 'Zerada',
    config_reloaded: 'Configuração recarregada',
    decision_failed: 'Defeito no watchdog',
    alert_unmatched: 'Alerta sem instância',
  },
  news: {
    phase_changed: ({ to, failingSince }, f) =>
      to === 'down' && failingSince !== null
        ? `As verificações falham desde ${f.time(failingSince)}.`
        : to === 'healthy'
          ? 'Está saudável de novo.'
          : phases[to].means,
    cause_changed: () => 'O motivo agora é outro.',
    healed: ({ attempt, secondsToHeal, downSeconds }, f) =>
      `Saudável ${f.amount(secondsToHeal)} depois do reinício ${f.number(attempt)}` +
      (downSeconds === null ? '.' : `, ${f.amount(downSeconds)} depois da primeira falha.`),
    recovered: ({ downSeconds }, f) => `Saudável sem reinício, ${f.amount(downSeconds)} depois da primeira falha.`,
    paused: ({ by, reason, until }, f) =>
      `Pausada por ${by}${until === null ? '' : ` até ${f.time(until)}`}: ${reason}. Continua sendo verificada, mas não é reiniciada automaticamente.`,
    unpaused: ({ by }) => (by === null ? 'A pausa terminou.' : `Retomada por ${by}.`),
    reset: ({ by }) => `Zerada por ${by}: tentativas, intervalo e limite de reinícios recomeçam do zero.`,
    state_not_saved: ({ reason, restartGivenUp }) =>
      `O estado não pôde ser salvo: ${stateTrouble(reason)}.${restartGivenUp ? ' O reinício não foi feito, porque um reinício precisa ser salvo antes.' : ''} Verifique o espaço livre e as permissões de state.path, ou o banco de dados.`,
    state_saved_again: () => 'O estado foi salvo de novo.',
    state_unusable: ({ reason }) =>
      `${stateTrouble(reason).replace(/\.$/, '')}. Todas as instâncias são verificadas e nenhuma é reiniciada.`,
    state_found: ({ instances }, f) => `O estado pôde ser aberto; ${f.number(instances)} instâncias foram restauradas.`,
    restart_finished: ({ outcome, intent: { attempt } }, f) => `Reinício ${f.number(attempt)}: ${outcomes[outcome]}.`,
    escalated: ({ attempt }, f) =>
      `${attempt === 1 ? 'Um reinício da instância não resolveu' : `${f.number(attempt)} reinícios da instância não resolveram`}: o processo do gateway precisa ser reiniciado.`,
    not_healed: ({ attempt }, f) => `O reinício ${f.number(attempt)} não resolveu dentro do prazo.`,
    restart_harmed: ({ attempt }, f) => `Desde o reinício ${f.number(attempt)} ela precisa de alguém.`,
    decision_failed: ({ reason }) =>
      `A decisão sobre ela falhou: ${reason}. Nada mudou. Por favor, envie a linha do log aos desenvolvedores.`,
    alert_unmatched: ({ alert, instances }) =>
      `O alerta ${alert} pede um reinício de ${instances.join(', ')}, que não é monitorada. Na regra dele, use em name o nome de uma instância.`,
    storm_began: ({ sick, watched, allowed }, f) =>
      `${f.number(sick)} de ${f.number(watched)} instâncias falham, mais que ${f.number(allowed)}. Procure uma causa em comum.`,
    storm_paced: () => 'Um reinício resolveu, então as outras são reiniciadas dentro dos limites.',
    storm_ended: ({ quietUntil }, f) =>
      quietUntil === null
        ? 'A tempestade passou.'
        : `A tempestade passou; nenhum reinício antes de ${f.time(quietUntil)}.`,
    gateway_outage_began({ unreachable, watched, byHealthRoute }, f) {
      const some = `${f.number(unreachable)} de ${f.number(watched)} instâncias`;
      return byHealthRoute === true
        ? `${some} falham, mas a rota de saúde do gateway (healthPath) falha. Verifique o gateway.`
        : `${some} falham como quando o próprio gateway está fora do ar. Verifique o gateway.`;
    },
    gateway_outage_ended: () => 'O gateway responde de novo; o que ainda falha recomeça a contagem de falhas.',
    harmful_began: ({ harmed, within }, f) =>
      `Depois de ${f.number(harmed)} reinícios em ${f.amount(within / SECOND)}, instâncias precisam de alguém, e antes não precisavam. Descubra por que os reinícios custam o pareamento.`,
    restart_method_found: ({ method }) => `O gateway aceita reinícios por ${method}; assim é daqui em diante.`,
    bulk_failed: ({ cause }) =>
      `A lista do gateway não pode substituir as verificações (${causes[cause]}); todas são verificadas uma a uma.`,
    bulk_works: () => 'A lista do gateway substitui as verificações de novo.',
    instances_discovered: ({ added, removed }, f) =>
      `Instâncias que entraram pela lista do gateway: ${f.number(added)}; que saíram: ${f.number(removed)}.`,
    discovery_failed_began: (trouble, f) =>
      `A lista de instâncias do gateway não é seguida, e tudo fica como está: ${
        trouble.why === 'failed'
          ? causes[trouble.cause]
          : trouble.why === 'empty'
            ? 'ela não traz nenhuma instância'
            : `ela traz ${f.number(trouble.listed)} de ${f.number(trouble.watched)} instâncias`
      }.${trouble.why === 'shrunk' ? ' Se estiver certo, recarregue com force.' : ''}`,
    discovery_failed_ended: () => 'A lista de instâncias do gateway é seguida de novo.',
    harmful_ended: ({ by }) => `Reinícios liberados por ${by}.`,
    blind_began: ({ blind, watched, cause }, f) =>
      `Nada se sabe de ${f.number(blind)} de ${f.number(watched)} instâncias, porque as respostas não permitem conclusão${cause === null ? '' : ` (${causes[cause]})`}.`,
    blind_ended: () => 'A maioria das respostas permite conclusão de novo.',
    silence_began: ({ since }, f) => `Está conectada, mas não dá sinal de vida desde ${f.time(since)}.`,
    silence_ended: ({ why }) =>
      ({
        activity: 'Dá sinal de vida de novo.',
        reset: 'Foi zerada: a contagem recomeça.',
        not_expected: 'A configuração não espera mais sinais de vida dela.',
      })[why],
    silent_began: ({ silent, expected }, f) =>
      `${f.number(silent)} de ${f.number(expected)} instâncias não dão sinal de vida ao mesmo tempo. Verifique primeiro os webhooks do gateway, ou o seu bot: devem avisar o watchdog das mensagens.`,
    silent_ended: () => 'A maioria dá sinal de vida de novo.',
    refused_began: ({ refused, watched }, f) =>
      `O gateway recusa ${f.number(refused)} de ${f.number(watched)} instâncias pelo mesmo motivo.`,
    refused_ended: () => 'O gateway aceita a conta de novo.',
    own_network_down: ({ reason }) => `Esta máquina está sem rede: ${reason}.`,
    own_network_up: () => 'Esta máquina tem rede de novo.',
    config_reloaded: ({ added, removed, changed, waitingForRestart }, f) =>
      `Instâncias novas: ${f.number(added)}, removidas: ${f.number(removed)}, alteradas: ${f.number(changed)}.` +
      (waitingForRestart.length === 0
        ? ''
        : ` Só valem depois de reiniciar o watchdog: ${waitingForRestart.join(', ')}.`),
    config_reload_failed({ problems: [first], problems }, f) {
      const shown = first === undefined ? null : translatedProblem(PROBLEM_SENTENCES, first);
      const what = shown === null ? '' : `${shown.path}: ${shown.message}. ${shown.remedy}`;
      const more = problems.length > 1 ? ` (e mais ${f.number(problems.length - 1)})` : '';
      return `A configuração não foi recarregada; a anterior continua em uso. ${what}${more}`;
    },
    flapping_began: ({ of, changes, seconds, within }, f) =>
      `${of === null ? 'Caiu ou voltou' : `“${SENTENCES.headings[of].began}” começou ou terminou`} ${f.number(changes)} vezes em ${f.amount(seconds)}. As mensagens sobre isso ficam retidas até não haver mudança por ${f.amount(within / SECOND)}.`,
    flapping_ended: ({ now }) =>
      ({
        up: 'Continua no ar.',
        down: 'Continua fora do ar.',
        needs_human: 'Precisa de alguém.',
        over: 'Acabou.',
        lasting: 'Ainda dura.',
      })[now],
  },
  next(step, f) {
    switch (step.type) {
      case 'restart':
        return `reinicia: reinício ${f.number(step.attempt)} (no máximo ${f.number(step.budget)} no período)`;
      case 'held': {
        const end = step.until === null ? '' : ` (até ${f.time(step.until)})`;
        return `reinicia quando isto acabar: ${step.holds.map((hold) => holds[hold]).join(', ')}${end}`;
      }
      case 'wait_for_effect':
        return step.until === null ? 'espera o efeito' : `espera o efeito até ${f.time(step.until)}`;
      case 'only_probe':
        return step.why === 'disabled'
          ? 'continua verificando; os reinícios dela estão desativados'
          : 'não reinicia; continua verificando e avisa quando voltar';
      case 'nothing':
        return '';
    }
  },
  nextOf: {
    storm: 'reinicia uma por vez até que uma se recupere',
    gateway_outage: 'retém todos os reinícios lá até o gateway responder',
    harmful: 'retém os reinícios automáticos e programados da conta até uma pessoa liberar',
    blind: 'continua verificando, e não reinicia nada sem evidência',
    silent: 'não reinicia nenhuma por causa do silêncio',
    refused: 'continua verificando, e não reinicia nada lá',
    discovery_failed: 'continua com as instâncias que observa, e pede a lista de novo',
    own_network: 'não conta verificações sem resposta, e não reinicia nada',
    config_reload_failed: 'continua com a configuração anterior',
    state_not_saved: 'tenta de novo, e não faz nenhum reinício que não esteja salvo',
  },
  parts: {
    name: 'Nome',
    number: 'Número',
    account: 'Conta',
    labels: 'Etiquetas',
    cause: 'Causa',
    remedy: 'O que fazer',
    next: 'O watchdog',
    lasts: (amount) => `Assim há ${amount}.`,
    lasted: (amount) => `Durou ${amount}.`,
    more: (count) => `e mais ${count}`,
    instances: (count) => `${count} instâncias`,
    times: (count) => `${count} vezes`,
    test: {
      heading: 'Teste',
      text: 'Este é um teste das notificações do smileapi-watchdog. Não há nada de errado. As mensagens de verdade têm esta aparência.',
    },
  },
};
