import type { CliWords } from '../cli-words.ts';
import { SHOWN_PHASES } from '../words.ts';
import { WORDS } from './words.ts';
import { DEMO_WORDS } from './commands/demo-words.ts';
import { SIMULATE_WORDS } from './commands/simulate-words.ts';
import { INIT_WORDS } from './commands/init-words.ts';

export const CLI_WORDS: CliWords = {
  init: INIT_WORDS,
  demo: DEMO_WORDS,
  simulate: SIMULATE_WORDS,
  columns: {
    name: 'NOME',
    displayName: 'CHAMADA',
    account: 'CONTA',
    phoneNumberId: 'NÚMERO',
    labels: 'ETIQUETAS',
    probed: 'VERIFICADA',
    downAfter: 'CAI APÓS',
    restarted: 'REINICIADA',
    phase: 'FASE',
    since: 'DESDE',
    cause: 'CAUSA',
    took: 'LEVOU',
    verdict: 'RESULTADO',
    detail: 'DETALHE',
    attempt: 'TENTATIVA',
    next: 'RETIDA POR',
    receiver: 'DESTINO',
    format: 'FORMATO',
    result: 'RESULTADO',
    known: 'CONHECIDO',
    versions: 'VERSÕES',
    restart: 'REINÍCIO',
  },
  phases: Object.fromEntries(
    SHOWN_PHASES.map((phase) => [phase, WORDS.phases[phase].label.toLowerCase()]),
  ) as CliWords['phases'],
  verdicts: WORDS.verdicts,
  check: {
    every: (duration) => `a cada ${duration}`,
    failures: (count) => `${count} falhas`,
    automatic: (cooldown, restarts, per) => `no mínimo após ${cooldown}, ${restarts} por ${per}`,
    onRequest: 'só a pedido',
    planned: (cron) => `programado ${cron}`,
    never: 'nunca (dryRun)',
    disabled: 'não (desativada)',
    good: (file) => `${file}: tudo certo.`,
    summary: (instances, accounts) =>
      `${instances} ${instances === '1' ? 'instância' : 'instâncias'} em ${accounts} ${accounts === '1' ? 'conta' : 'contas'}`,
    disabledCount: (count) => `${count} desativada${count === '1' ? '' : 's'}`,
    discovers: (account, match, every) =>
      `${account}: o que o gateway lista (${match}) também é monitorado; consultado a cada ${every}`,
    listens: (address) => `escuta em ${address}`,
    stateIn: (place) => `estado em ${place}`,
    pleaseLook: 'Por favor, veja:',
  },
  noneMatches: 'Nenhuma instância corresponde.',
  more: (count) => `… e mais ${count}`,
  probed: (done, of) => `${done} de ${of} verificadas`,
  healthyOf: (healthy, of) => `${healthy} de ${of} saudáveis`,
  status: {
    total: (instances, counts, version) =>
      `${instances} ${instances === '1' ? 'instância' : 'instâncias'}: ${counts}; smileapi-watchdog ${version}`,
    none: 'nenhuma é monitorada',
    moreSeeAll: (count) => `… e mais ${count}: --all mostra, --phase, --account e --label escolhem`,
    ownNetworkDown: 'a rede do próprio watchdog está fora do ar: nada é reiniciado',
    gatewayOutage: (account) => `gateway fora do ar: todos os reinícios de ${account} estão retidos`,
    harmful: (account) =>
      `reinícios fizeram mal: todos de ${account} estão retidos até uma pessoa olhar e usar smileapi-watchdog release ${account}`,
    blind: (account) => `às cegas: nada se sabe da maioria das instâncias de ${account}`,
    refused: (account, cause, remedy) => `${account} é recusada (${cause}): ${remedy}`,
    storm: (account) => `tempestade: a maioria dos reinícios de ${account} está retida`,
    notReloaded: 'a configuração não pôde ser recarregada: a anterior continua em uso',
    waitingForRestart: (keys) => `novos valores esperam um reinício do watchdog: ${keys}`,
    notDurable: (reason) => `o estado não é durável, então nada é reiniciado: ${reason}`,
    leases: (replica, reason) => `${replica} não renova a posse das contas, então não reinicia nada: ${reason}`,
    configs: (replicas) => `as configurações das réplicas diferem (${replicas}): dê a mesma a todas`,
    inMemory: 'o estado não sobrevive ao processo (state.path é :memory:)',
    unsaved: (count) => `o estado de ${count} instâncias não pôde ser salvo`,
    dryRun: 'modo de ensaio: nada é reiniciado',
    maintenance: (name) => `a janela de manutenção ${name} está aberta: reinícios automáticos estão retidos`,
    nothingKnown: (since) => `nada se sabe desde ${since}`,
    noSignOfLife: (since) => `nenhum sinal de vida desde ${since}`,
    silent: (account) =>
      `em silêncio: a maioria das instâncias de ${account} não dá sinal de vida; verifique antes se as mensagens são avisadas`,
    until: (holds, time) => `${holds} até ${time}`,
    paused: (reason) => `pausada: ${reason}`,
    acknowledged: (by) => `reconhecida por ${by}`,
  },
  lack: {
    replicas: (names) => `Falta uma parte: sem resposta de ${names}.`,
    accounts: (names) => `Sem ${names}: outra réplica está assumindo. Tente de novo em alguns segundos.`,
  },
  report: {
    nothing: 'Ainda não há nada registrado.',
    nothingIn: (month) => `Não há nada registrado de ${month}.`,
    columns: {
      name: 'NOME',
      month: 'MÊS',
      availability: 'DISPONÍVEL',
      failing: 'COM FALHA',
      needsHuman: 'PRECISA DE ALGUÉM',
      unknown: 'DESCONHECIDO',
      paused: 'EM PAUSA',
      restarts: 'REINÍCIOS',
      timeToHeal: 'TEMPO ATÉ VOLTAR',
    },
  },
  operate: {
    released: (account, count) => `${account}: liberada. Reinícios danosos que não contam mais: ${count}`,
    paused: (name) =>
      `${name} está pausada até ser retomada; continua sendo verificada, e não é reiniciada automaticamente`,
    pausedUntil: (name, time) =>
      `${name} está pausada até ${time}; continua sendo verificada, e não é reiniciada automaticamente`,
    resumed: (name) => `${name} não está mais pausada`,
    reset: (name) => `${name} foi zerada: tentativas, intervalo e limite de reinícios recomeçam do zero`,
    acknowledged: (name, until) =>
      `${name} foi reconhecida: as mensagens sobre este incidente ficam em silêncio até ${until ?? 'ele acabar'}`,
    noReason: 'sem motivo informado',
    notRestarted: (name, why) => `${name} não foi reiniciada: ${why}`,
    heldBy: (holds) => `retida por ${holds}`,
    holdUntil: (hold, time) => `${hold} até ${time}`,
    forceRestarts: '--force reinicia mesmo assim',
    noAnswer: 'sem resposta',
    reloaded: (added, removed, changed) =>
      `configuração recarregada: ${added} instâncias novas, ${removed} removidas, ${changed} alteradas`,
    waitingForRestart: (keys) => `Novos valores de ${keys} só valem depois de reiniciar o daemon`,
    sent: 'aceita',
    noReceivers: 'a configuração não tem nenhum destino em notify',
  },
};
