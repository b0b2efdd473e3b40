// The real Neo4j Community kernel with Bolt, as one process; started by server.py.
//
//     java -cp 'lib/*' Server.java HOME CONF
//
// Reads the password of user neo4j from the first line of standard input, prints "ready" when it
// serves, and ends when standard input is closed, so that it never outlives who started it.

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.neo4j.dbms.api.DatabaseManagementService;
import org.neo4j.dbms.api.DatabaseManagementServiceBuilder;

public class Server {
    public static void main(String[] arguments) {
        try {
            serve(Path.of(arguments[0]), Path.of(arguments[1]));
        } catch (Exception error) {
            error.printStackTrace();
            System.exit(1); // the threads of a half-started server would keep the process alive
        }
        System.exit(0);
    }

    private static void serve(Path home, Path settings) throws Exception {
        var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String password = input.readLine();
        DatabaseManagementService service =
                new DatabaseManagementServiceBuilder(home)
                        .loadPropertiesFromFile(settings)
                        .build();
        Runtime.getRuntime().addShutdownHook(new Thread(service::shutdown));
        service.database("system")
                .executeTransactionally(
                        "CREATE OR REPLACE USER neo4j SET PASSWORD $password CHANGE NOT REQUIRED",
                        Map.of("password", password));
        service.database("neo4j").isAvailable(60_000); // milliseconds; it starts beside the server
        System.out.println("ready");
        while (input.readLine() != null) {
            // Only its end matters.
        }
    }
}
