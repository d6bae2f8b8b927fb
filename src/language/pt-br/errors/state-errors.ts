import { translatedText, type ProblemSentences } from '../../problem-translation.ts';

/** Why the state cannot be used, by the English sentence of the store; what the system or the database says stays as it is. */
export const STATE_SENTENCES: ProblemSentences = {
  'the state in <> cannot be used: <>; <>': 'o estado em <> não pode ser usado: <>; <>',
  'the state in <> is corrupt: <>. Restore a copy of the folder, or move it away to start with an empty one, and then cooldowns and budgets are forgotten. Nothing was changed.':
    'o estado em <> está danificado: <>. Restaure uma cópia da pasta, ou tire-a dali para começar com uma vazia; nesse caso os intervalos e limites são esquecidos. Nada foi alterado.',
  'the state in <> is corrupt: the record of <>: <>. Restore it from a backup, or delete its row in watchdog.state, and then its cooldown and budget are forgotten. Nothing was changed.':
    'o estado em <> está danificado: o registro de <>: <>. Restaure-o de um backup, ou apague a linha dele em watchdog.state; nesse caso o intervalo e o limite dele são esquecidos. Nada foi alterado.',
  'the state in <> was written by a newer version (<>, this one knows <>): run that version, or move the folder away. Nothing was changed.':
    'o estado em <> foi gravado por uma versão mais nova (<>; esta conhece <>): use aquela versão, ou tire a pasta dali. Nada foi alterado.',
  'the state in <> was written by a newer version (<>): run that version, or set state.url to another database. Nothing was changed.':
    'o estado em <> foi gravado por uma versão mais nova (<>): use aquela versão, ou defina state.url com outro banco de dados. Nada foi alterado.',
  'the state in <> is in use by another running copy of smileapi-watchdog: stop that one, or give this one a state.path of its own. Nothing was changed.':
    'o estado em <> está em uso por outra cópia do smileapi-watchdog em execução: pare aquela, ou dê a esta um state.path próprio. Nada foi alterado.',
  'the state in <> is closed: open it again': 'o estado em <> está fechado: abra de novo',
  'the state in memory is closed: open a new one': 'o estado na memória está fechado: abra um novo',
  'the account <> in <> is owned by another process (<>): if that has died, it can be taken over in <> s':
    'a conta <> em <> pertence a outro processo (<>): se ele morreu, ela pode ser assumida em <> s',
  'one that has just claimed it': 'um que acabou de assumi-la',
  'not saved: another process owns the account <> in <>': 'não salvo: outro processo é dono da conta <> em <>',
  'not saved: the states of the account <> in <> are still being read':
    'não salvo: os estados da conta <> em <> ainda estão sendo lidos',
  'the state of <> was not saved: it follows revision <>, but <> is stored; load it and decide again':
    'o estado de <> não foi salvo: ele segue a revisão <>, mas a gravada é <>; carregue e decida de novo',
  'the state of <> in <> was not saved: it no longer has revision <>; load it and decide again':
    'o estado de <> em <> não foi salvo: ele não tem mais a revisão <>; carregue e decida de novo',

  // Reasons.
  'saving failed (<>)': 'a gravação falhou (<>)',
  'the folder already holds something else (<>)': 'a pasta já contém outra coisa (<>)',
  'the file <> does not name a format': 'o arquivo <> não diz o formato',
  'the file <> is missing': 'falta o arquivo <>',
  'the file <> is damaged (<>)': 'o arquivo <> está danificado (<>)',
  'format <>': 'formato <>',
  'it has version <>': 'a versão dele é <>',
  'the database has the encoding <>': 'a codificação do banco de dados é <>',
  'synchronous_commit is off, so it forgets saves that it has acknowledged':
    'synchronous_commit está desligado, então ele esquece gravações que já confirmou',
  'no reason given': 'sem motivo informado',

  // Remedies.
  'free some space on that disk': 'libere espaço nesse disco',
  'its folder is no longer there': 'a pasta dele não está mais lá',
  'put it back, or start the daemon again, and then cooldowns and budgets are forgotten':
    'ponha-a de volta, ou inicie o daemon de novo; nesse caso os intervalos e limites são esquecidos',
  'mount it writable, or set state.path to a writable folder':
    'monte com permissão de escrita, ou defina state.path com uma pasta em que se possa escrever',
  'give this user read and write permission there, or set state.path':
    'dê a este usuário permissão de leitura e escrita ali, ou defina state.path',
  'that file system has no locks: set state.path to a folder on a local disk':
    'esse sistema de arquivos não tem travas: defina state.path com uma pasta num disco local',
  'a part of the path is a file: set state.path to a folder':
    'uma parte do caminho é um arquivo: defina state.path com uma pasta',
  'check that disk, or set state.path to a folder on another one':
    'verifique esse disco, ou defina state.path com uma pasta em outro',
  'set state.path to an empty folder, or to one that does not exist yet':
    'defina state.path com uma pasta vazia, ou com uma que ainda não exista',
  'use PostgreSQL <> or later': 'use o PostgreSQL <> ou mais novo',
  'create one with the encoding UTF8': 'crie um com a codificação UTF8',
  'run ALTER ROLE <> SET synchronous_commit = on': 'execute ALTER ROLE <> SET synchronous_commit = on',
  'check user and password of state.url, and pg_hba.conf': 'verifique usuário e senha de state.url, e pg_hba.conf',
  'create that database': 'crie esse banco de dados',
  'give the user its rights (docs/replicas.md)': 'dê ao usuário os direitos dele (docs/replicas.md)',
  'the tables are gone: restore them from a backup': 'as tabelas sumiram: restaure-as de um backup',
  'free some space on the disk of the database': 'libere espaço no disco do banco de dados',
  'a pooler in between must have the pool mode transaction, or session with enough connections':
    'um pooler no caminho precisa do modo transaction, ou session com conexões suficientes',
  'allow more connections, or use a pooler': 'permita mais conexões, ou use um pooler',
  'it is read-only: name the host that takes writes, too':
    'ele é só de leitura: informe também o host que aceita gravações',
  'look for what holds locks there': 'procure o que mantém travas ali',
  'look for what holds locks there, or raise its statement_timeout':
    'procure o que mantém travas ali, ou aumente o statement_timeout dele',
  'check that the database is up, that this machine can connect to it, and what holds locks there':
    'verifique se o banco de dados está no ar, se esta máquina consegue conectar a ele e o que mantém travas ali',
  'check sslmode and sslrootcert of state.url': 'verifique sslmode e sslrootcert de state.url',
  'check the paths in state.url': 'verifique os caminhos em state.url',
  'check that the database is up and that this machine can connect to it':
    'verifique se o banco de dados está no ar e se esta máquina consegue conectar a ele',
};

/** Why the state cannot be used, in Portuguese. */
export function stateTrouble(reason: string): string {
  return translatedText(STATE_SENTENCES, reason);
}
