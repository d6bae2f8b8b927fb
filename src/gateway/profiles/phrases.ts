import type { Cause, NeedsHumanCause } from '../../core/verdict.ts';

// What gateways say in English, Portuguese and Spanish. All patterns are for texts in the form of `plainWords`: lower
// case, without accents, names and punctuation.

/** A trouble that a gateway names in words. */
export interface Trouble {
  /** Searched for in texts in the form of `plainWords`. */
  readonly pattern: RegExp;
  readonly cause: NeedsHumanCause | 'rate_limited';
  /** It is about money, and not about the token. */
  readonly asksToPay?: true;
}

/** What the watchdog watches, by its names. */
const INSTANCE =
  '(?:instance|instancia|session|sessao|sesion|device|dispositivo|phone(?: number)?(?: id)?|number|numero|telefone|telefono|' +
  'whats ?app|client|cliente|connection|conexao|conexion|socket|channel|canal)';
/** Who has instances. */
const OWNER = '(?:user(?: ?name)?|usuario|account|conta|cuenta)';
/** At most one word between a noun and what is said of it: a name without quotes. What can be missing itself is none. */
const NAME =
  '(?: (?:with|com|con)(?: (?:the|o|a|el|la|este|esse|this|that))?(?: (?:name|id|nome|nombre|key|number|numero))?)?(?: (?!webhook|message|mensage[mn]|mensaje|contact|contato|chat|group|grupo|media|file|route|rota|ruta)[a-z0-9]+)?';
const IS = '(?: (?:is|was|has|have|been|already|currently|e|es|esta|foi|fue|esta sendo|ha sido|se|sua|seu))*';

const KEY =
  '(?:token|jwt|api ?key|chave|clave|credentials?|credenciais|credencial|credenciales|password|senha|contrasena)' +
  '(?: (?:de|da|do|del|la|the|api|acesso|acceso|access|autenticacao|autenticacion|autorizacao|autorizacion|you|que|informad[oa]|' +
  'fornecid[oa]|enviad[oa]|recebid[oa]|utilizad[oa]|usad[oa]|proporcionad[oa]|provided|supplied|given|sent|used))*';
const WRONG =
  '(?:invalid[oa]?s?|expired|expirad[oa]s?|expirou|vencid[oa]s?|venceu|caducad[oa]s?|incorrect|incorret[oa]s?|incorrect[oa]s?|' +
  'wrong|errad[oa]s?|erroneo|malformed|revoked|revogad[oa]|revocad[oa]|missing|required|ausente|faltando|faltante|obrigatori[oa]|obligatori[oa]|' +
  'requerid[oa]|unknown|desconhecid[oa]|desconocid[oa]|inexistente|not (?:present|provided|found|valid|recognized|set|configured|allowed|accepted)|does ?nt exist|does not exist|' +
  'n(?:a)?o (?:e |es |foi |fue )?(?:valid[oa]s?|informad[oa]|fornecid[oa]|encontrad[oa]|enviad[oa]|proporcionad[oa]|reconhecid[oa]|existe))';

const PLAN =
  '(?:subscription|assinatura|suscripcion|plan|plano|trial|license|licence|licenca|licencia|mensalidade|account|conta|cuenta|periodo de (?:teste|prueba))';
const ENDED =
  '(?:expired|expirad[oa]|expirou|vencid[oa]|venceu|vencio|caducad[oa]|cancelad[oa]|cancell?ed|inactive|inativ[oa]|inactiv[oa]|suspended|' +
  'suspens[oa]|suspendid[oa]|overdue|unpaid|ended|encerrad[oa]|terminou|terminad[oa])';

const FOUND_NOWHERE =
  '(?:not found|not exists?|doesnt exist|does not exist|do not exist|unknown|not registered|inexistente|desconhecid[oa]|desconocid[oa]|' +
  'nao (?:foi )?(?:encontrad[oa]|localizad[oa]|cadastrad[oa]|existe)|no (?:fue |se )?(?:encontrad[oa]|encontro|registrad[oa]|existe)|no se ha encontrado|no ha sido encontrad[oa]|' +
  '(?:could not|couldnt|cannot|can not|cant) be found|nao p[ou]de ser (?:encontrad[oa]|localizad[oa])|no pudo ser (?:encontrad[oa]|localizad[oa])|' +
  'no longer exists|nao existe mais|ya no existe)';
const REMOVED = '(?:deleted|removed|excluid[oa]|removid[oa]|apagad[oa]|eliminad[oa]|borrad[oa])';

/** Not "no instance not found" and the like. */
function words(...alternatives: readonly string[]): RegExp {
  return new RegExp(`(?<!\\b(?:not|no|nao|never|without|sem|sin) )\\b(?:${alternatives.join('|')})\\b`, 'u');
}

/** A pattern for a text that says nothing else. */
function all(...alternatives: readonly string[]): RegExp {
  return new RegExp(`^(?:(?:error|erro) )?(?:${alternatives.join('|')})$`, 'u');
}

/** Troubles, the first that is named counts. */
export const TROUBLE_PHRASES: readonly Trouble[] = [
  {
    cause: 'rate_limited',
    pattern: words(
      'too many requests',
      'rate limit(?:ed| exceeded| reached)',
      'limite de (?:requisicoes|solicitacoes|solicitudes|peticiones|chamadas|llamadas)(?: \\w+){0,3} (?:excedid[oa]|atingid[oa]|ultrapassad[oa]|alcanzad[oa]|superad[oa])',
      'muitas (?:requisicoes|solicitacoes)',
      'demasiadas (?:solicitudes|peticiones)',
    ),
  },
  {
    cause: 'unauthorized',
    asksToPay: true,
    pattern: words(
      `${PLAN}(?: (?!token|key|session|sessao|sesion)[a-z]+){0,2} ${ENDED}`,
      `(?:expired|inactive|unpaid|cancell?ed|suspended) ${PLAN}`,
      'payment (?:is )?required',
      'non ?payment',
      'falta de pag(?:amento|o)',
      'inadimplen(?:te|cia)',
      '(?:renew|extend) (?:your|the) subscription',
      'subscribe to this instance again',
      'pagamento (?:pendente|necessario|requerido|em atraso|atrasado|nao \\w+)',
      'pago (?:pendiente|requerido|necesario)',
      '(?:saldo|creditos?) insuficientes?',
      'insufficient (?:balance|credits?|funds)',
      '(?:fatura|factura) (?:vencida|pendente|pendiente|em aberto)',
    ),
  },
  {
    cause: 'banned',
    pattern: words(
      `(?:phone(?: number)?|number|numero|telefone|telefono|whats ?app|account|conta|cuenta)${IS} (?:banned|banid[oa]|banead[oa])`,
      `(?:phone(?: number)?|number|numero|telefone|telefono|whats ?app)${IS} (?:blocked|bloquead[oa])`,
    ),
  },
  {
    cause: 'pairing_required',
    pattern: words(
      'logged out',
      'device removed',
      '(?:session|sessao|sesion) (?:has )?(?:expired|expirada|expirou|caducada)',
      'not (?:logged in|paired|linked)',
      'deslogad[oa]',
      'nao (?:esta )?(?:logad[oa]|paread[oa]|vinculad[oa])',
      'no (?:esta )?(?:emparejad[oa]|vinculad[oa])',
      '(?:scan|escaneie|escanear|escanea|escanee|leia|ler|lea)(?: (?:the|o|el|un|um|novo|nuevo|new|a))* (?:qr|codigo qr)',
      '(?:waiting for|aguardando|esperando)(?: (?:the|o|a|el|la|leitura|lectura|escaneo|scan|do|del|of|be|to))* (?:qr|codigo qr)',
    ),
  },
  {
    cause: 'unauthorized',
    pattern: words(
      'unauthori[sz]ed',
      'unauthenticated',
      'not (?:authori[sz]ed|authenticated)',
      'n(?:a)?o (?:autorizad[oa]|autenticad[oa])',
      'access denied',
      '(?:acesso|acceso) (?:negado|denegado|nao autorizado|no autorizado|proibido|prohibido)',
      '(?:acesso|acceso|access) (?:not|nao|no) (?:allowed|permitted|permitido)',
      'forbidden',
      'permission denied',
      '(?:permissao|permiso) (?:negada|denegado)',
      'sem (?:permissao|autorizacao)',
      'sin (?:permiso|autorizacion)',
      '(?:insufficient|insuficientes?) (?:permissions?|privileges?|permissoes|permisos)',
      '(?:permissoes|permisos) insuficientes',
      'n(?:a)?o (?:tem|possui|tiene|tienes)(?: a| o| la| el)? (?:permissao|permissoes|permisos?|acesso|acceso|autorizacao|autorizacion)',
      '(?:log ?in|sign ?in) (?:is )?required',
      'login (?:necessario|necesario|requerido|obrigatorio|obligatorio|invalido|incorret[oa]|incorrect[oa])',
      `falt(?:a|ou|ando)(?: (?:o|a|el|la|seu|su))? ${KEY}`,
      'json ?web ?token ?error',
      'jwt (?:malformed|must be provided|not active|signature)',
      `(?:auth|authentication|authorization)${IS} (?:failed|required|error|failure|missing|invalid)`,
      '(?:autenticacao|autenticacion) (?:falhou|fallida|invalida|requerida|necessaria|obrigatoria)',
      '(?:falha|erro|error|fallo) (?:na|de|en la) (?:autenticacao|autenticacion)',
      `${KEY}${IS} ${WRONG}`,
      `(?:invalid|expired|wrong|incorrect|missing|revoked|malformed|bad)(?: (?:api|access|auth|authentication|authorization|bearer))* (?:token|jwt|api ?key|key|credentials?|password)`,
      'no (?:auth |authorization |access |api |bearer )?(?:token|key) (?:was )?(?:provided|found|supplied|sent)',
    ),
  },
  {
    cause: 'not_found',
    pattern: words(
      `(?:${INSTANCE}|${OWNER})(?: info)?${NAME}${IS} ${FOUND_NOWHERE}`,
      `(?:no such|unknown) ${INSTANCE}`,
      `no ${INSTANCE} found`,
      `(?:there is|theres|there are) no (?:such )?${INSTANCE}`,
      `(?:nao|no) (?:ha|hay|existe|foi encontrada|se encontro)(?: (?:nenhuma|ninguna|nenhum|ningun))? ${INSTANCE}`,
      `(?:cannot|cant|could not|couldnt) find(?: the| an?)? ${INSTANCE}`,
      `nao (?:encontramos|foi possivel encontrar|existe)(?: a| o| uma| um| nenhuma)? ${INSTANCE}`,
      `no (?:se encontro|se pudo encontrar|existe)(?: la| el| una| un| ninguna)? ${INSTANCE}`,
      `(?:nenhuma|ninguna) (?:instancia|sessao|sesion)(?: (?:foi|fue))? (?:encontrada|localizada)`,
      `(?:instance|instancia|session|sessao|sesion)${NAME}${IS} ${REMOVED}`,
      'invalid (?:instance|phone ?number ?id|session (?:id|name))',
      '(?:instance|session|phone ?number) (?:id|name) (?:is )?invalid',
      '(?:instancia|numero)(?: (?:e|es|esta|informad[oa]))* invalid[oa]',
    ),
  },
  {
    cause: 'not_found',
    pattern: all(
      '(?:(?:record|resource|registro|recurso) )?(?:not found|nao encontrad[oa]|no encontrad[oa])',
      '(?:nenhum|ningun) registro encontrado',
      'no records? found',
    ),
  },
];

/** The router of a gateway, and not the instance, is what answers: `Cannot GET /acme/v1/551/instance`. */
export const NO_ROUTE =
  /^(?:cannot (?:get|post|put|patch|delete) |(?:the )?route\b.*\b(?:not|not be) found\b|(?:rota|ruta) (?:get |post |put |patch )?(?:nao|no) encontrada\b)/u;

/** What API gateways, service meshes and hosts of applications say in JSON: Kong, Envoy and Railway, in this order. */
export const PROXY_PHRASES =
  /^(?:no route matched with those values|an invalid response was received from the upstream server|the upstream server is timing out|failure to get a peer from the ring balancer|no healthy upstream|upstream connect error|application (?:not found$|failed to respond))/u;

/** A sentence that says of the instance, and of nothing else, how it is connected. */
const SUBJECT = `(?:(?:the|a|o|la|el|your|sua|seu|tu|esta|este|this) )?(?:${INSTANCE}${NAME} |you |voce )?`;
const STATEMENTS: readonly (readonly [cause: Cause, words: string])[] = [
  [
    'disconnected',
    'disconnected|not connected|desconectad[oa]|nao (?:esta )?conectad[oa]|no (?:esta )?conectad[oa]|not open|closed|lost|fechad[oa]|cerrad[oa]|perdid[oa]|offline|sem conexao(?: com o whats ?app)?|sin conexion(?: con whats ?app)?',
  ],
  ['connecting', '(?:re)?connecting|(?:re)?conectando|starting|initializing|iniciando|inicializando'],
  ['connected', 'connected|conectad[oa]|online'],
];
const STATEMENT_PATTERNS = STATEMENTS.map(
  ([cause, said]) =>
    [cause, new RegExp(`^${SUBJECT}(?:(?:is|are|esta|currently|already|ja esta|ya esta) )*(?:${said})$`, 'u')] as const,
);

/** The connection state that a whole text states; null: it says something else, or more than that. */
export function statedConnection(plain: string): Cause | null {
  return STATEMENT_PATTERNS.find(([, pattern]) => pattern.test(plain))?.[0] ?? null;
}

/** A restart that was asked for before is under way. */
export const RESTART_UNDER_WAY = words(
  '(?:already|ja|ya)(?: (?:being|is|esta|se|sendo|em|en|processo|proceso|de))* (?:restart(?:ing|ed)?|reiniciando|reiniciad[oa]|reiniciar|rebooting|in progress|andamento|curso|progreso|progresso)',
  '(?:restart|reboot|reinicio|reinicializacao|reinicializacion|reinicializado)(?: (?:is|of|da|de|la|instance|instancia|already|ja|ya|esta))* (?:in progress|under way|underway|pending|running|em andamento|em curso|em progresso|en curso|en progreso|en marcha)',
  '(?:is|esta|being)(?: (?:being|a|se|sendo|currently))* (?:restarting|restarted|rebooting|reiniciando|reiniciad[oa])',
);

/** A text that begins like that, in an answer to a restart, reports a failure. */
export const FAILURE = new RegExp(
  [
    '^(?:\\w+ ){0,3}?(?<!\\b(?:no|without|sem|sin) )(?:error|erro|errors|exception|excecao|excepcion|failed|failure|fail|falha|falhou|fallo|fallido)\\b',
    '^(?:cannot|cant|unable|impossible|impossivel|imposible|invalid|invalid[oa]|nao pode)\\b',
    `^(?:(?:the|a|o|la|el) )?(?:${INSTANCE}${NAME} |restart(?:ing)? )?(?:could not|couldnt|was not|(?:is )?not allowed|nao foi|nao p[ou]de|nao permitid[oa]|no se pudo|no pudo|no fue|no permitid[oa])\\b`,
    '^(?:oops |ops )?(?:something went wrong|algo (?:deu errado|salio mal))\\b',
  ].join('|'),
  'u',
);

/** With one of these words in it, a text accepts nothing. */
export const NEGATION =
  /\b(?:not|nao|no|never|nothing|nada|nunca|false|cannot|cant|unable|impossible|impossivel|imposible|denied|refused|rejected|negad[oa]|recusad[oa]|rejeitad[oa]|rechazad[oa]|disabled|desativad[oa]|desabilitad[oa]|deshabilitad[oa]|unavailable|indisponivel|maintenance|manutencao|mantenimiento|busy|ocupad[oa]|(?:try|tente|intente|intenta)(?: (?:it|de))? (?:again|novamente|nuevo|nuevamente)|fail\w*|falh\w*|fallo|fallid[oa]|error|erro)\b/u;

/** A text that begins like that, in an answer to a restart, accepts it. */
export const ACCEPTANCE =
  /^(?:ok|okay|true|done|success\w*|sucesso|exito|accepted|aceito|aceptado|queued|restart\w*|reboot\w*|reinici\w*|(?:the |a |la )?(?:instance|instancia|session|sessao|sesion)(?: (?:is|was|esta|foi|fue))* (?:restart\w*|reinici\w*))\b/u;
