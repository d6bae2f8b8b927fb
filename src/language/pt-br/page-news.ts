import type { PageWords } from '../page-words.ts';
import { stateTrouble } from './errors/state-errors.ts';
import { counted, instances, number } from './page-numbers.ts';

export const PAGE_NEWS: Pick<PageWords, 'happened' | 'notices'> = {
  happened: {
    phase_changed: ({ phase, cause }) => `${phase}${cause === '' ? '' : `: ${cause}`}.`,
    cause_changed: ({ phase, cause }) => `${phase}, agora por outro motivo: ${cause}.`,
    restart_held: ({ hold, until }) => `O reinício dela está retido: ${hold}${until === '' ? '' : `, até ${until}`}.`,
    restart_skipped: ({ trigger, skip }) => `Não é reiniciada (${trigger}): ${skip}.`,
    restart_started: ({ attempt, trigger, by }) =>
      `Começa o reinício ${attempt}: ${trigger}${by === '' ? '' : ` (${by})`}.`,
    restart_finished: ({ attempt, outcome, until }) =>
      `Reinício ${attempt}: ${outcome}.${until === '' ? '' : ` Nenhum outro antes de ${until}.`}`,
    not_healed: ({ attempt, cause }) => `O reinício ${attempt} não resolveu dentro do prazo: ${cause}.`,
    escalated: ({ attempt }) =>
      `${attempt === '1' ? 'Um reinício não resolveu' : `${attempt} reinícios não resolveram`}: o processo do gateway precisa ser reiniciado, e quem cuida dele foi avisado.`,
    restart_harmed: ({ attempt, cause }) =>
      `O reinício ${attempt} fez mal; desde então ela precisa de alguém: ${cause}.`,
    answers_missing: ({ cause, since }) =>
      `Nada se sabe dela: nenhuma resposta permite conclusão desde ${since} (${cause}).`,
    silence_began: ({ since }) => `Está conectada, e não dá sinal de vida desde ${since}.`,
    silence_ended: () => 'Não está mais em silêncio.',
    healed: ({ attempt, toHeal, down }) =>
      `Recuperada: saudável ${toHeal} depois do reinício ${attempt}${down === '' ? '' : `, ${down} depois da primeira falha`}.`,
    recovered: ({ down }) => `Voltou sem reinício, ${down} depois da primeira falha.`,
    paused: ({ by, reason, until }) => `Pausada por ${by}${until === '' ? '' : ` até ${until}`}: ${reason}.`,
    unpaused: ({ by }) => (by === '' ? 'A pausa dela acabou.' : `Retomada por ${by}.`),
    acknowledged: ({ by, reason, until }) =>
      `Reconhecida por ${by}${reason === '' ? '' : `: ${reason}`}. As mensagens sobre o problema dela ficam em silêncio até ${until === '' ? 'ele acabar' : until}.`,
    reset: ({ by }) => `Zerada por ${by}: tentativas, intervalo e limite de reinícios recomeçam do zero.`,
    stable: ({ attempts }) => `Está estável: as ${attempts} tentativas de reinício não contam mais.`,
    state_not_saved: ({ reason }) => `O estado dela não pôde ser salvo: ${stateTrouble(reason)}.`,
    state_saved_again: () => 'O estado dela está salvo de novo.',
    decision_failed: ({ reason }) =>
      `Um defeito no watchdog: a decisão sobre ela falhou (${reason}). Nada mudou; por favor, envie a linha do log aos desenvolvedores.`,
  },
  notices: {
    label: 'O que afeta todas as instâncias',
    levels: { bad: 'Problema', warn: 'Aviso', info: 'Nota' },
    show: (account) => `Mostrar ${account}`,
    since: (time, length) => `desde ${time} (${length})`,
    sick: (sick, of) => `${number(sick)} de ${instances(of)} com problema`,
    blind: (blind) => `nada se sabe de ${number(blind)}`,
    withoutLife: (silent) => `${number(silent)} sem sinal de vida`,
    held: (held) =>
      held === 1 ? '1 reinício previsto está retido' : `${number(held)} reinícios previstos estão retidos`,
    ownNetwork: {
      title: 'A rede do próprio watchdog está fora do ar',
      text: 'Esta máquina não alcança nenhum dos gateways, então as verificações mostram o problema dela mesma. Todos os reinícios ficam retidos até que alcance.',
    },
    replicas: {
      title: (count) => `Sem resposta de ${counted(count, 'réplica', 'réplicas')}`,
      text: 'As instâncias que elas monitoram não aparecem. Se elas morreram, outras assumem em segundos.',
    },
    leases: {
      title: (count) => `${counted(count, 'réplica não renova', 'réplicas não renovam')} a posse das contas`,
      text: 'O que elas monitoram é sondado, e elas não reiniciam nada. Réplicas que alcançam o banco de dados assumem. A renovação é tentada de novo o tempo todo.',
    },
    configs: {
      title: 'As réplicas têm configurações diferentes',
      text: 'Depois de dois minutos, todas as contas são monitoradas pelas que têm a mais nova. Dê a mesma a todas as réplicas.',
    },
    changing: {
      title: (count) =>
        count === 1 ? '1 conta está mudando de réplica' : `${number(count)} contas estão mudando de réplica`,
      text: 'Outra réplica as monitora em instantes. Até lá, as instâncias delas não aparecem.',
    },
    outage: {
      title: (account) => `Gateway fora do ar: ${account}`,
      text: (gateway) =>
        `A maioria das instâncias falha como se o próprio ${gateway} estivesse fora do ar. Os reinícios desta conta ficam retidos até ele responder; reiniciar instâncias não ajudaria.`,
    },
    refused: {
      title: (account) => `Conta recusada: ${account}`,
      text: (gateway, cause) =>
        `${gateway} recusa a maioria das instâncias dela pelo mesmo motivo: ${cause}. Elas não são reiniciadas, porque não ajudaria.`,
    },
    accountBlind: {
      title: (account) => `Nada se sabe de ${account}`,
      text: 'Há tempo a maioria das instâncias não tem resposta que permita conclusão. Ninguém sabe se elas funcionam, e nada é reiniciado por causa delas. As últimas verificações mostram o que vem no lugar da resposta, e o que fazer.',
    },
    silent: {
      title: (account) => `Em silêncio: ${account}`,
      text: 'A maioria das instâncias está conectada e não dá sinal de vida ao mesmo tempo, então nenhuma é reiniciada por causa do silêncio. Verifique primeiro se os webhooks do gateway, ou o seu bot, ainda avisam o watchdog das mensagens.',
    },
    discovery: {
      title: (account) => `A lista de ${account} não é seguida`,
      text: (trouble) =>
        `As instâncias vêm da lista do gateway, e a última não é seguida: ${trouble}. Tudo fica como está, e a lista é pedida de novo. Se ela estiver certa, recarregue com force.`,
    },
    harmful: {
      title: (account) => `Reinícios fazem mal: ${account}`,
      text: 'Instâncias precisaram de alguém depois dos reinícios, e antes não precisavam. Nenhum reinício automático ou programado desta conta é feito até você liberar. Descubra antes por quê: o histórico dessas instâncias diz quais reinícios fizeram mal, e o que o gateway respondeu.',
    },
    storm: {
      title: (account) => `Tempestade: ${account}`,
      text: 'Mais instâncias falham ao mesmo tempo do que se pode reiniciar uma por uma. Os reinícios ficam retidos, e depois são feitos aos poucos; quando elas se recuperam, eles continuam sozinhos.',
    },
    reload: {
      title: 'A última recarga falhou',
      text: (time) => `A configuração alterada foi recusada por inteiro; a de ${time} continua em vigor.`,
    },
    unusable: {
      title: 'O estado não pode ser usado',
      text: 'Os dados anteriores não estão disponíveis e nada pode ser salvo, então tudo é verificado e nada é reiniciado.',
    },
    unsaved: {
      title: (count) =>
        count === 1
          ? 'O estado de 1 instância não pode ser salvo'
          : `O estado de ${number(count)} instâncias não pode ser salvo`,
      text: 'O estado mais novo não está em disco, e um reinício só é feito depois de salvo. Verifique o espaço livre e as permissões de state.path, ou o banco de dados.',
    },
    notDurable: {
      title: 'O estado não é durável',
      text: 'Ele fica só na memória: depois de reiniciar o watchdog, intervalos e limites de reinícios recomeçam do zero.',
    },
    dryRun: { title: 'Modo de ensaio (dry run)', text: 'Tudo é verificado e decidido, e nenhum reinício é feito.' },
    maintenance: {
      title: (name) => `Manutenção: ${name}`,
      text: (scope) => `Os reinícios automáticos de ${scope} ficam retidos enquanto esta janela está aberta.`,
      everything: 'todas as instâncias',
    },
    waiting: {
      title: 'Há valores esperando',
      text: (keys) => `Mudaram na configuração, e só valem depois de reiniciar o watchdog: ${keys}.`,
    },
  },
};
